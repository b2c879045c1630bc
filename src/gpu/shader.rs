//! Compiles kernels to pipelines, without the run-time checks that would cost most of their speed.
#![allow(unsafe_code, reason = "two calls that tell wgpu to trust our own shaders and our own cache file")]

use super::dispatch::Pipeline;

/// Compiles a kernel with its constants.
///
/// By default, wgpu clamps every index, bounds every loop, and fills workgroup memory with zeros first. For the
/// convolution, that is more instructions than its arithmetic. The kernels do not need it: every index is either
/// checked against sizes in the parameters, which come from a checked plan, or was chosen by a kernel that did so
/// (the positions of maxima, the columns of a guide); every loop counts up to such a size; and workgroup memory
/// is written before it is read. The tests run each kernel between canaries.
pub(super) fn compile(
    device: &wgpu::Device,
    pipeline: &Pipeline,
    cache: Option<&wgpu::PipelineCache>,
) -> wgpu::ComputePipeline {
    let label = Some(pipeline.kernel.label);
    let source = wgpu::ShaderSource::Wgsl(pipeline.kernel.source(pipeline.maps).into());
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
        cache,
    })
}

/// A cache of compiled pipelines that starts with the contents of an earlier one, if there was one.
pub(super) fn pipeline_cache(device: &wgpu::Device, data: Option<&[u8]>) -> wgpu::PipelineCache {
    let description = wgpu::PipelineCacheDescriptor { label: Some("puppyslug"), data, fallback: true };
    // SAFETY: the data was returned by `get_data` of such a cache on the same adapter and driver: it comes from
    // this program's own file, whose name includes both and whose checksum is right. wgpu and the driver also
    // check their own headers.
    unsafe { device.create_pipeline_cache(&description) }
}
