//! Kernels become pipelines here, without the run-time checks that would cost most of their speed.
#![allow(unsafe_code, reason = "the one call that tells wgpu to trust our own shaders")]

use super::dispatch::Pipeline;

/// Compiles a kernel with its constants.
///
/// wgpu would clamp every index, bound every loop and fill workgroup memory with zeros first: for the
/// convolution that is more instructions than its arithmetic. The kernels do not need it: every index is
/// checked against sizes in the parameters, which come from a checked plan; every loop counts up to such a
/// size; workgroup memory is written before it is read. The tests run each kernel between canaries.
pub(super) fn compile(device: &wgpu::Device, pipeline: &Pipeline) -> wgpu::ComputePipeline {
    let label = Some(pipeline.kernel.label());
    let source = wgpu::ShaderSource::Wgsl(pipeline.kernel.source().into());
    let description = wgpu::ShaderModuleDescriptor { label, source };
    let checks = wgpu::ShaderRuntimeChecks::unchecked();
    // SAFETY: see above; the text is a constant of this program.
    let module = unsafe { device.create_shader_module_trusted(description, checks) };
    device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label,
        layout: None,
        module: &module,
        entry_point: Some("main"),
        compilation_options: wgpu::PipelineCompilationOptions {
            constants: &pipeline.constants,
            zero_initialize_workgroup_memory: false,
        },
        cache: None,
    })
}
