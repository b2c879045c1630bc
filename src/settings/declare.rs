//! The macro by which settings are declared.

/// Declares structs of settings: a root, and groups that are fields of the root.
///
/// ```text
/// settings! {
///     /// Description of the root.
///     Config / Changes {
///         "Help heading" {
///             /// What the setting does; used in help, schema and documentation.
///             octaves: Octaves = Octaves::Count(4), of(octaves());
///         }
///     }
///     /// Description of the group; its settings have the paths controls.NAME.
///     controls: Controls / ControlChanges { ... }
/// }
/// ```
///
/// A setting has a name, a type, a default and an expression of type [`Declared`](super::Declared): its form, and
/// anything else that is declared for it.
macro_rules! settings {
    (
        $(#[$about:meta])*
        $root:ident / $changes:ident {
            $($heading:literal {
                $($(#[doc = $help:literal])+ $name:ident: $type:ty = $default:expr, $form:expr;)*
            })*
        }
        $(
            $(#[$about_group:meta])*
            $group:ident: $of_group:ident / $changes_of_group:ident {
                $($heading_in:literal {
                    $($(#[doc = $help_in:literal])+ $name_in:ident: $type_in:ty = $default_in:expr, $form_in:expr;)*
                })*
            }
        )*
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize)]
        pub struct $root {
            $($($(#[doc = $help])+ pub $name: $type,)*)*
            $($(#[$about_group])* pub $group: $of_group,)*
        }

        /// Some of the settings of
        #[doc = concat!("[`", stringify!($root), "`], and their values.")]
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $changes {
            $($($(#[doc = $help])+ pub $name: Option<$type>,)*)*
            $($(#[$about_group])* pub $group: $changes_of_group,)*
        }

        impl Default for $root {
            fn default() -> Self {
                Self { $($($name: $default,)*)* $($group: Default::default(),)* }
            }
        }

        $(
            $(#[$about_group])*
            #[derive(Clone, Debug, PartialEq, serde::Serialize)]
            pub struct $of_group {
                $($($(#[doc = $help_in])+ pub $name_in: $type_in,)*)*
            }

            /// Some of the settings of
            #[doc = concat!("[`", stringify!($of_group), "`], and their values.")]
            #[derive(Clone, Debug, Default, PartialEq)]
            pub struct $changes_of_group {
                $($($(#[doc = $help_in])+ pub $name_in: Option<$type_in>,)*)*
            }

            impl Default for $of_group {
                fn default() -> Self {
                    Self { $($($name_in: $default_in,)*)* }
                }
            }
        )*

        impl $crate::settings::Settings for $root {
            type Changes = $changes;

            fn all() -> &'static [$crate::settings::Setting<Self>] {
                use $crate::settings::{Place, Setting};
                static ALL: std::sync::LazyLock<Vec<Setting<$root>>> = std::sync::LazyLock::new(|| vec![
                    $($(Setting::new(
                        stringify!($name), $heading, concat!($($help),+), $form,
                        Place::<$root, $type> {
                            value: |settings| &settings.$name,
                            value_mut: |settings| &mut settings.$name,
                            change: |changes| &changes.$name,
                            change_mut: |changes| &mut changes.$name,
                        },
                    ),)*)*
                    $($($(Setting::new(
                        concat!(stringify!($group), ".", stringify!($name_in)), $heading_in,
                        concat!($($help_in),+), $form_in,
                        Place::<$root, $type_in> {
                            value: |settings| &settings.$group.$name_in,
                            value_mut: |settings| &mut settings.$group.$name_in,
                            change: |changes| &changes.$group.$name_in,
                            change_mut: |changes| &mut changes.$group.$name_in,
                        },
                    ),)*)*)*
                ]);
                &ALL
            }
        }
    };
}

pub(crate) use settings;
