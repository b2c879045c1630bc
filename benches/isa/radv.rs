//! The driver: makes a compute pipeline, and brings back what the driver says about it.
#![allow(unsafe_code, reason = "Vulkan is called directly: wgpu opens no device that cannot run anything")]

use std::ffi::{CStr, c_char};
use std::fmt::Display;

use ash::{Entry, khr, vk};
use puppyslug::gpu::kernel::Access;

use super::Missing;

/// RADV on the null hardware of the family in the environment.
pub(super) struct Radv {
    device: ash::Device,
    executables: khr::pipeline_executable_properties::Device,
    instance: ash::Instance,
    // Vulkan's functions are gone when this is.
    _entry: Entry,
}

/// What the driver says about a pipeline.
pub(super) struct Compiled {
    /// Numbers by their names.
    statistics: Vec<(String, u64)>,
    /// The text of the code.
    pub(super) assembly: String,
}

impl Compiled {
    /// The number of that name.
    pub(super) fn statistic(&self, name: &str) -> u32 {
        let found = self.statistics.iter().find(|(other, _)| other == name);
        let (_, value) = found.unwrap_or_else(|| panic!("RADV gives no '{name}': {:?}", self.statistics));
        u32::try_from(*value).expect("registers and bytes of a kernel are few")
    }
}

impl Radv {
    pub(super) fn open() -> Result<Self, Missing> {
        let missing = |reason: &dyn Display| Missing::Driver(format!("no RADV: {reason}"));
        // SAFETY: the loader and its drivers are what they say they are; `Self` keeps the loader as long as
        // anything that comes from it.
        unsafe {
            let entry = Entry::load().map_err(|error| missing(&error))?;
            let application = vk::ApplicationInfo::default().api_version(vk::API_VERSION_1_3);
            let create = vk::InstanceCreateInfo::default().application_info(&application);
            let instance = entry.create_instance(&create, None).map_err(|error| missing(&error))?;
            let Some(physical) = find(&instance) else {
                instance.destroy_instance(None);
                return Err(missing(&"Mesa's driver for AMD GPUs is not installed"));
            };
            let device = create_device(&instance, physical).map_err(|error| missing(&error))?;
            let executables = khr::pipeline_executable_properties::Device::new(&instance, &device);
            Ok(Self { device, executables, instance, _entry: entry })
        }
    }

    /// Compiles the entry point `main` of a module that binds `bindings` in its only group.
    pub(super) fn compile(&self, words: &[u32], bindings: &[Access]) -> Result<Compiled, Missing> {
        // SAFETY: the words are a valid module that binds just that.
        let compiled = unsafe { self.compile_trusted(words, bindings) };
        let compiled = compiled.map_err(|error| Missing::Result(error.to_string()))?;
        if !compiled.assembly.contains("s_endpgm") {
            return Err(Missing::Driver("this RADV was built without a disassembler".to_owned()));
        }
        Ok(compiled)
    }

    /// # Safety
    /// `words` is a valid SPIR-V module for Vulkan 1.3 that binds only `bindings`.
    unsafe fn compile_trusted(&self, words: &[u32], bindings: &[Access]) -> Result<Compiled, vk::Result> {
        let device = &self.device;
        // SAFETY: create-infos outlive their calls, and what is made here is destroyed here, once, after its
        // last use. After an error the process ends, and nothing is kept for long.
        unsafe {
            let module =
                device.create_shader_module(&vk::ShaderModuleCreateInfo::default().code(words), None)?;
            let sets = [self.set_layout(bindings)?];
            let layout = vk::PipelineLayoutCreateInfo::default().set_layouts(&sets);
            let layout = device.create_pipeline_layout(&layout, None)?;
            let pipeline = self.pipeline(module, layout)?;
            let compiled = self.describe(pipeline);
            device.destroy_pipeline(pipeline, None);
            device.destroy_pipeline_layout(layout, None);
            device.destroy_descriptor_set_layout(sets[0], None);
            device.destroy_shader_module(module, None);
            compiled
        }
    }

    unsafe fn set_layout(&self, bindings: &[Access]) -> Result<vk::DescriptorSetLayout, vk::Result> {
        let binding = |(number, access): (u32, &Access)| {
            let kind = match access {
                Access::Params | Access::Jitter => vk::DescriptorType::UNIFORM_BUFFER,
                Access::Read | Access::Write => vk::DescriptorType::STORAGE_BUFFER,
                Access::ReadTexels | Access::WriteTexels => vk::DescriptorType::STORAGE_IMAGE,
            };
            vk::DescriptorSetLayoutBinding::default()
                .binding(number)
                .descriptor_type(kind)
                .descriptor_count(1)
                .stage_flags(vk::ShaderStageFlags::COMPUTE)
        };
        let bindings: Vec<_> = (0..).zip(bindings).map(binding).collect();
        let create = vk::DescriptorSetLayoutCreateInfo::default().bindings(&bindings);
        // SAFETY: see `compile_trusted`.
        unsafe { self.device.create_descriptor_set_layout(&create, None) }
    }

    unsafe fn pipeline(
        &self,
        module: vk::ShaderModule,
        layout: vk::PipelineLayout,
    ) -> Result<vk::Pipeline, vk::Result> {
        let stage = vk::PipelineShaderStageCreateInfo::default()
            .stage(vk::ShaderStageFlags::COMPUTE)
            .module(module)
            .name(c"main");
        let capture = vk::PipelineCreateFlags::CAPTURE_STATISTICS_KHR
            | vk::PipelineCreateFlags::CAPTURE_INTERNAL_REPRESENTATIONS_KHR;
        let create = vk::ComputePipelineCreateInfo::default().flags(capture).stage(stage).layout(layout);
        // SAFETY: see `compile_trusted`.
        let made =
            unsafe { self.device.create_compute_pipelines(vk::PipelineCache::null(), &[create], None) };
        made.map(|pipelines| pipelines[0]).map_err(|(_, error)| error)
    }

    unsafe fn describe(&self, pipeline: vk::Pipeline) -> Result<Compiled, vk::Result> {
        let executable = vk::PipelineExecutableInfoKHR::default().pipeline(pipeline).executable_index(0);
        // SAFETY: the pipeline is alive and was made with both capture flags; a compute pipeline has one
        // executable. RADV gives only 64-bit unsigned statistics.
        let statistics = unsafe { self.executables.get_pipeline_executable_statistics(&executable)? };
        let statistics = statistics.iter().map(|one| (text(&one.name), unsafe { one.value.u64 })).collect();
        // SAFETY: as above.
        let assembly = unsafe { self.assembly(&executable)? };
        Ok(Compiled { statistics, assembly })
    }

    unsafe fn assembly(&self, executable: &vk::PipelineExecutableInfoKHR<'_>) -> Result<String, vk::Result> {
        let function = self.executables.fp().get_pipeline_executable_internal_representations_khr;
        let device = self.device.handle();
        let mut count = 0;
        // SAFETY: asked three times as the specification wants it: how many, how long, and then with room
        // for the texts, which outlive the call.
        unsafe {
            function(device, executable, &mut count, std::ptr::null_mut()).result()?;
            let mut found = vec![vk::PipelineExecutableInternalRepresentationKHR::default(); count as usize];
            function(device, executable, &mut count, found.as_mut_ptr()).result()?;
            let mut texts: Vec<Vec<u8>> = found.iter().map(|one| vec![0; one.data_size]).collect();
            for (one, text) in found.iter_mut().zip(&mut texts) {
                one.p_data = text.as_mut_ptr().cast();
            }
            function(device, executable, &mut count, found.as_mut_ptr()).result()?;
            let assembly = found.iter().position(|one| text(&one.name) == "Assembly");
            let bytes = assembly.map_or(&[][..], |index| &texts[index]);
            Ok(String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned())
        }
    }
}

impl Drop for Radv {
    fn drop(&mut self) {
        // SAFETY: everything made on the device is gone, and nobody uses it any more.
        unsafe {
            self.device.destroy_device(None);
            self.instance.destroy_instance(None);
        }
    }
}

unsafe fn find(instance: &ash::Instance) -> Option<vk::PhysicalDevice> {
    // SAFETY: the instance is alive.
    let devices = unsafe { instance.enumerate_physical_devices() }.unwrap_or_default();
    devices.into_iter().find(|&device| {
        let mut driver = vk::PhysicalDeviceDriverProperties::default();
        let mut properties = vk::PhysicalDeviceProperties2::default().push_next(&mut driver);
        // SAFETY: the device is one of this instance's.
        unsafe { instance.get_physical_device_properties2(device, &mut properties) };
        driver.driver_id == vk::DriverId::MESA_RADV
    })
}

/// A device with the features that wgpu asks for where they change the code: bounds checks of buffers are
/// the hardware's.
unsafe fn create_device(
    instance: &ash::Instance,
    physical: vk::PhysicalDevice,
) -> Result<ash::Device, vk::Result> {
    let queues = [vk::DeviceQueueCreateInfo::default().queue_family_index(0).queue_priorities(&[1.0])];
    let extensions =
        [khr::pipeline_executable_properties::NAME, ash::ext::robustness2::NAME].map(CStr::as_ptr);
    let features = vk::PhysicalDeviceFeatures::default().robust_buffer_access(true);
    let mut executables =
        vk::PhysicalDevicePipelineExecutablePropertiesFeaturesKHR::default().pipeline_executable_info(true);
    let mut robustness = vk::PhysicalDeviceRobustness2FeaturesEXT::default().robust_buffer_access2(true);
    let create = vk::DeviceCreateInfo::default()
        .queue_create_infos(&queues)
        .enabled_extension_names(&extensions)
        .enabled_features(&features)
        .push_next(&mut executables)
        .push_next(&mut robustness);
    // SAFETY: RADV has both extensions and a queue family 0.
    unsafe { instance.create_device(physical, &create, None) }
}

fn text(name: &[c_char]) -> String {
    name.iter().take_while(|&&c| c != 0).map(|&c| char::from(c as u8)).collect()
}
