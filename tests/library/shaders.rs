//! Every shader, on a machine without any GPU: it parses, it validates, it translates to SPIR-V, MSL and
//! HLSL, and what it declares is what the Rust side believes.

use naga::back::pipeline_constants::process_overrides;
use naga::back::{PipelineConstants, hlsl, msl, spv};
use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
use naga::{
    AddressSpace, BinaryOperator, Expression, ImageClass, Module, ScalarKind, ShaderStage, StorageAccess,
    StorageFormat, TypeInner,
};

use puppyslug::gpu::kernel::{Access, Kernel, Maps};
use puppyslug::gpu::kernels;
use puppyslug::gpu::layout::Layout;

/// Every text of every kernel.
fn texts() -> impl Iterator<Item = (Kernel, Maps)> {
    kernels().into_iter().flat_map(|kernel| kernel.layouts().into_iter().map(move |maps| (kernel, maps)))
}

/// The simplest of them.
fn relu() -> Kernel {
    kernels().into_iter().find(|kernel| kernel.label == "relu").expect("a kernel of that name")
}

fn parse(kernel: Kernel, maps: Maps) -> Module {
    let source = kernel.source(maps);
    naga::front::wgsl::parse_str(&source)
        .unwrap_or_else(|error| panic!("{}: {}", kernel.label, error.emit_to_string(&source)))
}

fn validate(kernel: Kernel, module: &Module) -> ModuleInfo {
    let mut validator = Validator::new(ValidationFlags::all(), Capabilities::SUBGROUP);
    validator.validate(module).unwrap_or_else(|error| panic!("{}: {error:?}", kernel.label))
}

/// The kernel with the defaults of its overrides, as a back end wants it.
fn resolved(kernel: Kernel, maps: Maps) -> (Module, ModuleInfo) {
    let module = parse(kernel, maps);
    let info = validate(kernel, &module);
    let entry = Some((ShaderStage::Compute, "main"));
    let (module, info) = process_overrides(&module, &info, entry, &PipelineConstants::default())
        .unwrap_or_else(|error| panic!("{}: {error:?}", kernel.label));
    (module.into_owned(), info.into_owned())
}

#[test]
fn every_kernel_translates_to_spirv_msl_and_hlsl() {
    for (kernel, maps) in texts() {
        let (module, info) = resolved(kernel, maps);
        let label = kernel.label;
        let words = spv::write_vec(&module, &info, &spv::Options::default(), None)
            .unwrap_or_else(|error| panic!("{label} to SPIR-V: {error:?}"));
        assert!(words.len() > 20, "{label}: SPIR-V of {} words", words.len());

        let options =
            msl::Options { lang_version: (2, 4), fake_missing_bindings: true, ..Default::default() };
        let (text, _) = msl::write_string(&module, &info, &options, &msl::PipelineOptions::default())
            .unwrap_or_else(|error| panic!("{label} to MSL: {error:?}"));
        assert!(text.contains("kernel void"), "{label}: {text}");

        let mut text = String::new();
        let options = hlsl::Options::default();
        let pipeline = hlsl::PipelineOptions::default();
        hlsl::Writer::new(&mut text, &options, &pipeline)
            .write(&module, &info, None)
            .unwrap_or_else(|error| panic!("{label} to HLSL: {error:?}"));
        assert!(text.contains("numthreads"), "{label}: {text}");
    }
}

/// Metal does not say what a negative number's remainder is. naga works around that only where the run-time checks are on
/// that `compile` does without.
#[test]
fn no_kernel_takes_the_remainder_of_a_number_that_may_be_negative() {
    for (kernel, maps) in texts() {
        let (module, info) = resolved(kernel, maps);
        assert!(!has_signed_remainder(&module, &info), "{}", kernel.label);
    }
    let careless =
        "@compute @workgroup_size(1) fn main(@builtin(local_invocation_index) i: u32) { _ = -i32(i) % 7; }";
    let module = naga::front::wgsl::parse_str(careless).expect("WGSL");
    let info = validate(relu(), &module);
    assert!(has_signed_remainder(&module, &info));
}

fn has_signed_remainder(module: &Module, info: &ModuleInfo) -> bool {
    let functions = module.functions.iter().map(|(handle, function)| (function, &info[handle]));
    let entries = module.entry_points.iter().enumerate();
    let entries = entries.map(|(index, entry)| (&entry.function, info.get_entry_point(index)));
    functions.chain(entries).any(|(function, info)| {
        function.expressions.iter().any(|(handle, expression)| {
            let kind = info[handle].ty.inner_with(&module.types).scalar_kind();
            matches!(expression, Expression::Binary { op: BinaryOperator::Modulo, .. })
                && kind == Some(ScalarKind::Sint)
        })
    })
}

#[test]
fn a_broken_kernel_is_noticed() {
    let broken = relu().source(Maps::all(Layout::Planar)).replace("max(", "maximum(");
    assert!(naga::front::wgsl::parse_str(&broken).is_err());
}

/// Names, offsets and total size of the WGSL `struct Params` against the Rust struct of the same kernel.
#[test]
fn parameters_agree_field_by_field() {
    for (kernel, maps) in texts() {
        let module = parse(kernel, maps);
        let (_, params) = module
            .types
            .iter()
            .find(|(_, kind)| kind.name.as_deref() == Some("Params"))
            .expect("struct Params");
        let TypeInner::Struct { members, span } = &params.inner else { panic!("Params is a struct") };
        let names: Vec<&str> = members.iter().map(|member| member.name.as_deref().unwrap_or("")).collect();
        assert_eq!(names, kernel.params, "{}", kernel.label);
        assert!(members.iter().zip(0..).all(|(member, i)| member.offset == 4 * i), "{}", kernel.label);
        assert_eq!(*span as usize, 4 * kernel.params.len(), "{}", kernel.label);
    }
}

/// Binding numbers and access of the shader's globals against what the kernel says it binds.
#[test]
fn bindings_agree_with_the_kernel_table() {
    for (kernel, maps) in texts() {
        let module = parse(kernel, maps);
        let mut found: Vec<(u32, Access)> = Vec::new();
        for (_, global) in module.global_variables.iter() {
            let Some(binding) = &global.binding else { continue };
            let access = match global.space {
                AddressSpace::Uniform if global.name.as_deref() == Some("jitter") => Access::Jitter,
                AddressSpace::Uniform => Access::Params,
                AddressSpace::Storage { access } if access.contains(StorageAccess::STORE) => Access::Write,
                AddressSpace::Storage { .. } => Access::Read,
                AddressSpace::Handle => texels(&module.types[global.ty].inner),
                other => panic!("{}: {other:?}", kernel.label),
            };
            found.push((binding.binding, access));
        }
        found.sort_by_key(|(binding, _)| *binding);
        let expected: Vec<(u32, Access)> = (0..).zip(kernel.bindings.iter().copied()).collect();
        assert_eq!(found, expected, "{}", kernel.label);
        let storage = expected.iter().filter(|(_, access)| matches!(access, Access::Read | Access::Write));
        assert!(storage.count() <= 8, "{}: 8 storage buffers are all that every device has", kernel.label);
    }
}

/// How a shader uses a texture of cells.
fn texels(texture: &TypeInner) -> Access {
    let TypeInner::Image { class: ImageClass::Storage { format, access }, .. } = texture else {
        panic!("{texture:?} is no storage texture");
    };
    assert_eq!(*format, StorageFormat::Rgba32Float);
    if *access == StorageAccess::STORE { Access::WriteTexels } else { Access::ReadTexels }
}
