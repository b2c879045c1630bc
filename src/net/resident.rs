//! What devices keep of a network's weights, beside the weights themselves: so it is shared by all that
//! run there, and goes with their last user.

use std::any::Any;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Tells one open device from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceId(u64);

impl DeviceId {
    /// The processor, of which there is one.
    pub const PROCESSOR: Self = Self(0);

    /// One that no other device has.
    pub fn unique() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

type Kept = Arc<dyn Any + Send + Sync>;

/// Something for each device that asked.
#[derive(Default)]
pub(super) struct Residents(Mutex<Vec<(DeviceId, Kept)>>);

impl Residents {
    /// What this device keeps, made the first time.
    pub(super) fn get<T: Any + Send + Sync>(&self, device: DeviceId, make: impl FnOnce() -> T) -> Arc<T> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = kept.iter().find(|(owner, _)| *owner == device).map(|(_, kept)| Arc::clone(kept));
        let mine = mine.unwrap_or_else(|| {
            let made: Kept = Arc::new(make());
            kept.push((device, Arc::clone(&made)));
            made
        });
        mine.downcast().expect("a device keeps one kind of thing")
    }
}

impl fmt::Debug for Residents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        f.debug_list().entries(kept.iter().map(|(device, _)| device)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_device_keeps_its_own_until_the_last_handle_goes() {
        let (residents, a, b) = (Residents::default(), DeviceId::unique(), DeviceId::unique());
        let first = residents.get(a, || 1);
        assert_eq!(*residents.get(a, || 2), 1, "made once");
        assert_eq!(*residents.get(b, || 3), 3, "another device has another");
        let alive = Arc::downgrade(&first);
        drop(first);
        assert!(alive.upgrade().is_some(), "kept between two who use it");
        drop(residents);
        assert!(alive.upgrade().is_none(), "and gone with the weights");
    }
}
