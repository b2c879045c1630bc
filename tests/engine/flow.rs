//! Optical flow as a whole: movements that are known, and what both machines make of the same pictures.

use std::io::Read;
use std::path::Path;

use half::f16;
use libtest_mimic::Failed;
use puppyslug::extent::Extent;
use puppyslug::flow::{Borders, Flow, FlowFinder, reliability};
use puppyslug::machine::Machine;
use puppyslug::picture::Picture;
use puppyslug::plan::flow::FlowSettings;
use testkit::{Trial, across_machines, on_each_machine, shared};

/// No whole patches, and levels of odd sizes.
const SIZE: Extent = Extent::new(75, 101);

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_each_machine("a picture that moves as one is followed", follows);
    trials.extend(on_each_machine("the same pictures give the same bits", same_bits));
    trials
        .extend(on_each_machine("a way there and back is relied on, but not out of the picture", relied_on));
    trials.extend(on_each_machine("what moves has borders, which may count", borders));
    trials.push(across_machines("both machines find the same flow", alike));
    trials.push(Trial::test("an error of one pixel is one", || {
        check(error_of(&moved(0.0, 1.0), |_| Some([0.0, 0.0])), 1.0)
    }));
    // What OpenCV's DIS (medium) reaches on these: photographs in layers, under affine motion that is known.
    for (name, most) in [("s1", 0.69), ("s2", 0.41)] {
        let title = format!("photographs in layers are followed, {name}");
        match shared(&format!("motion/flow/{name}/truth.npz")) {
            Ok(path) => trials.extend(on_each_machine(&title, move |machine| layers(machine, &path, most))),
            Err(why) => trials.push(Trial::missing(&title, why)),
        }
    }
    trials
}

fn check(error: f64, expected: f64) -> Result<(), Failed> {
    if error == expected { Ok(()) } else { Err(format!("{error} instead of {expected}").into()) }
}

fn moved(down: f32, right: f32) -> Flow {
    Flow::new(SIZE, [vec![down; SIZE.plane()], vec![right; SIZE.plane()]].concat())
}

/// Waves in all directions, none shorter than six pixels, seen from a place that is `down` and `right` of the
/// first.
fn waves(size: Extent, down: f32, right: f32) -> Picture {
    let level = |at: usize| {
        let (row, column) = ((at / size.width) as f32 - down, (at % size.width) as f32 - right);
        let wave = |number: u8| {
            let (turn, length) = (f32::from(number) * 2.4, 6.0 + 1.7 * f32::from(number));
            let phase = row * turn.sin() + column * turn.cos();
            (std::f32::consts::TAU * phase / length + turn).sin()
        };
        128.0 + 9.0 * (0..12).map(wave).sum::<f32>()
    };
    let levels: Vec<f32> = (0..size.plane()).map(level).collect();
    Picture::from_rgb(size, levels.repeat(3)).expect("a picture")
}

fn find(machine: &dyn Machine, first: &Picture, second: &Picture) -> Result<Flow, Failed> {
    let mut finder = FlowFinder::new(machine, first.extent(), &FlowSettings::default())?;
    Ok(finder.find(first, second)?)
}

/// The mean distance of a flow's vectors from the true ones, where there are any.
fn error_of(flow: &Flow, truth: impl Fn(usize) -> Option<[f32; 2]>) -> f64 {
    let distance = |at: usize| {
        let [down, right] = truth(at)?;
        Some(f64::from((flow.down()[at] - down).hypot(flow.right()[at] - right)))
    };
    let distances: Vec<f64> = (0..flow.extent().plane()).filter_map(distance).collect();
    distances.iter().sum::<f64>() / distances.len() as f64
}

/// Smooth waves leave nothing to guess but at the edge, where they come in: a tenth of a pixel on average.
fn follows(machine: &dyn Machine) -> Result<(), Failed> {
    for (down, right) in [(0.0, 0.0), (1.25, -2.5), (-6.0, 4.75)] {
        let flow = find(machine, &waves(SIZE, 0.0, 0.0), &waves(SIZE, down, right))?;
        let inner = |at: usize| {
            let (row, column) = (at / SIZE.width, at % SIZE.width);
            let inside = (8..SIZE.height - 8).contains(&row) && (8..SIZE.width - 8).contains(&column);
            inside.then_some([down, right])
        };
        let error = error_of(&flow, inner);
        if error > 0.1 {
            return Err(format!("{error:.3} pixels off at a movement of {down}, {right}").into());
        }
    }
    Ok(())
}

fn same_bits(machine: &dyn Machine) -> Result<(), Failed> {
    let (first, second) = (waves(SIZE, 0.0, 0.0), waves(SIZE, 3.0, 1.5));
    let mut finder = FlowFinder::new(machine, SIZE, &FlowSettings::default())?;
    let flow = finder.find(&first, &second)?;
    finder.find(&second, &first)?;
    let again = finder.find(&first, &second)?;
    let bits =
        |flow: &Flow| [flow.down(), flow.right()].concat().iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    if bits(&flow) == bits(&again) { Ok(()) } else { Err("other bits the second time".into()) }
}

/// 99.9 % of vectors within a hundredth of a pixel.
fn alike(machines: &[&dyn Machine]) -> Result<(), Failed> {
    let (first, second) = (waves(SIZE, 0.0, 0.0), waves(SIZE, -2.25, 4.5));
    let flows =
        machines.iter().map(|machine| find(*machine, &first, &second)).collect::<Result<Vec<_>, _>>()?;
    let near = |flow: &Flow| {
        let distance = |at: usize| {
            (flow.down()[at] - flows[0].down()[at]).hypot(flow.right()[at] - flows[0].right()[at])
        };
        (0..SIZE.plane()).filter(|&at| distance(at) <= 0.01).count()
    };
    let fewest = flows.iter().map(near).min().unwrap_or(0);
    if fewest as f64 >= 0.999 * SIZE.plane() as f64 && near(&moved(0.0, 0.0)) == 0 {
        return Ok(());
    }
    Err(format!("{fewest} of {} vectors are alike", SIZE.plane()).into())
}

fn layers(machine: &dyn Machine, truth: &Path, most: f64) -> Result<(), Failed> {
    let frame = |number: usize| Picture::open(truth.with_file_name(format!("frame_{number:02}.png")));
    let (flows, visible) = (array(truth, "flow.npy")?, array(truth, "visible.npy")?);
    let mut errors = Vec::new();
    for number in 0..3 {
        let flow = find(machine, &frame(number)?, &frame(number + 1)?)?;
        let plane = flow.extent().plane();
        // Right and down, in half floats.
        let halves: Vec<f16> = bytemuck::pod_collect_to_vec(&flows[number * 4 * plane..][..4 * plane]);
        let vector = |at: usize| [halves[2 * at + 1].to_f32(), halves[2 * at].to_f32()];
        let seen = &visible[number * plane..][..plane];
        errors.push(error_of(&flow, |at| (seen[at] != 0).then(|| vector(at))));
    }
    let error = errors.iter().sum::<f64>() / errors.len() as f64;
    if error <= most { Ok(()) } else { Err(format!("{error:.3} pixels off, at most {most}").into()) }
}

/// The bytes of an array in NumPy's archive, behind its head.
fn array(path: &Path, name: &str) -> Result<Vec<u8>, Failed> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path)?)?;
    let mut bytes = Vec::new();
    archive.by_name(name)?.read_to_end(&mut bytes)?;
    let head = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    Ok(bytes.split_off(head))
}

fn relied_on(machine: &dyn Machine) -> Result<(), Failed> {
    let middle = |mask: &[f32]| mask[SIZE.width * (SIZE.height / 2)..][..SIZE.width].to_vec();
    let mask = reliability(machine, &moved(0.0, 3.5), &moved(0.0, -3.5), Borders::DoNot)?;
    let row = middle(&mask);
    // The last 4 columns lead outside; the Gaussian takes from the two beside them.
    let inside = SIZE.width - 4;
    let is_inside = row[..inside - 2].iter().all(|&cell| (cell - 255.0).abs() < 0.01);
    let is_soft = row[inside - 2] < 255.0 && row[inside + 1] > 0.0;
    if !is_inside || !is_soft || row[inside + 2..].iter().any(|&cell| cell != 0.0) {
        return Err(format!("{row:?}").into());
    }
    // A way back that ends a pixel off is none, and half a pixel off is near enough.
    for (off, least, most) in [(1.0, 0.0, 0.0), (0.5, 254.0, 255.0)] {
        let mask = middle(&reliability(machine, &moved(0.0, 0.0), &moved(0.0, off), Borders::DoNot)?);
        if !(least..=most).contains(&mask[5]) {
            return Err(format!("{} where the way back ends {off} off", mask[5]).into());
        }
    }
    Ok(())
}

fn borders(machine: &dyn Machine) -> Result<(), Failed> {
    // Half a pixel is near enough a way back, and a step of a quarter a pixel in central differences.
    let plane = SIZE.plane();
    let right = (0..plane).map(|at| if at % SIZE.width >= 6 { 0.5 } else { 0.0 }).collect();
    let flow = Flow::new(SIZE, [vec![0.0; plane], right].concat());
    for (borders, counted) in [(Borders::DoNot, 0.0..128.0), (Borders::Count, 254.0..256.0)] {
        let mask = reliability(machine, &flow, &moved(0.0, 0.0), borders)?;
        let row = &mask[4 * SIZE.width..][..SIZE.width];
        let beside = [row[2], row[9]].iter().all(|&cell| cell > 254.0);
        if !beside || [row[5], row[6]].iter().any(|cell| !counted.contains(cell)) {
            return Err(format!("{borders:?}: {:?}", &row[..12]).into());
        }
    }
    Ok(())
}
