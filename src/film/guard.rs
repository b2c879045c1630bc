//! Which files ffmpeg may open. A playlist disguised as a film could make it open other files or network
//! addresses. Therefore only files are opened, and only film formats are read.

/// The formats, in words.
pub(super) const ACCEPTED: &str = "MP4, MOV, Matroska, WebM, AVI, MPEG, FLV, ASF, Ogg, MXF, NUT, IVF";

/// The flags before every input that was not made by this program.
pub(super) const GUARD: [&str; 4] = [
    "-protocol_whitelist",
    "file,pipe",
    "-format_whitelist",
    "mov,matroska,avi,mpegts,mpeg,flv,asf,ogg,mxf,nut,ivf",
];
