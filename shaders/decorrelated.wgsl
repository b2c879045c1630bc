// Blue, green and red in terms of three decorrelated channels: the rows of DECORRELATED in `plan/step/colour.rs`,
// last first.

const BLUE: vec3<f32> = vec3<f32>(0.58447585, -0.19482528, 0.06494176);
const GREEN: vec3<f32> = vec3<f32>(0.58447585, 0.0, -0.10823627);
const RED: vec3<f32> = vec3<f32>(0.5628286, 0.19482528, 0.043294508);
