//! Which files ffmpeg may open for us. A playlist under the name of a film would have it open other files, or
//! addresses of the network: nothing but files is opened, and nothing but the formats of films is looked into.

/// The formats, in words.
pub(super) const ACCEPTED: &str = "MP4, MOV, Matroska, WebM, AVI, MPEG, FLV, ASF, Ogg, MXF, NUT, IVF";

/// The flags that come before every input that is not our own.
pub(super) const GUARD: [&str; 4] = [
    "-protocol_whitelist",
    "file,pipe",
    "-format_whitelist",
    "mov,matroska,avi,mpegts,mpeg,flv,asf,ogg,mxf,nut,ivf",
];
