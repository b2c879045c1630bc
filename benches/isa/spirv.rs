//! From a pipeline to SPIR-V, exactly as wgpu does it for the program itself.

use std::collections::HashMap;

use naga::ShaderStage;
use naga::back::pipeline_constants::process_overrides;
use naga::back::spv::{Options, PipelineOptions, WriterFlags, ZeroInitializeWorkgroupMemoryMode, write_vec};
use naga::proc::{BoundsCheckPolicies, BoundsCheckPolicy};
use naga::valid::{Capabilities, ValidationFlags, Validator};
use puppyslug::gpu::dispatch::Pipeline;

const ENTRY: (ShaderStage, &str) = (ShaderStage::Compute, "main");

/// The SPIR-V of the pipeline's kernel with its constants.
pub(super) fn words(pipeline: &Pipeline) -> Vec<u32> {
    let source = pipeline.kernel.source(pipeline.maps);
    let module = naga::front::wgsl::parse_str(&source).expect("kernels parse: another test checks it");
    let mut validator = Validator::new(ValidationFlags::all(), Capabilities::SUBGROUP);
    let info = validator.validate(&module).expect("kernels are valid: another test checks it");
    let constants: HashMap<String, f64> =
        pipeline.constants.iter().map(|&(name, value)| (name.to_owned(), value)).collect();
    let (module, info) = process_overrides(&module, &info, Some(ENTRY), &constants.into_iter().collect())
        .expect("a plan's constants fit their kernel");
    let stage = PipelineOptions { shader_stage: ENTRY.0, entry_point: ENTRY.1.to_owned() };
    write_vec(&module, &info, &options(), Some(&stage)).expect("valid modules can be written")
}

/// wgpu's options on Vulkan 1.3 for a trusted module whose workgroup memory is not cleared.
fn options() -> Options<'static> {
    let unchecked = BoundsCheckPolicy::Unchecked;
    Options {
        lang_version: (1, 6),
        flags: WriterFlags::LABEL_VARYINGS,
        bounds_check_policies: BoundsCheckPolicies {
            index: unchecked,
            buffer: unchecked,
            image_load: unchecked,
            binding_array: unchecked,
        },
        zero_initialize_workgroup_memory: ZeroInitializeWorkgroupMemoryMode::None,
        force_loop_bounding: false,
        emit_int_div_checks: false,
        ..Options::default()
    }
}
