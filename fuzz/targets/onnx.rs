#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| puppyslug_fuzz::run("onnx", bytes));
