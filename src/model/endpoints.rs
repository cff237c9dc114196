//! What the world looks like to `net`: the only difference between the real internet and the lab.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

/// How to reach the outside. For the real world all three are empty: system resolver, no forwarding, system roots.
#[derive(Debug, Clone, Default)]
pub struct Endpoints {
    /// DNS servers to ask instead of the system's.
    pub dns: Vec<SocketAddr>,
    /// When dialling (address, port), connect here instead. A key of this map is allowed by the fence.
    pub forward: BTreeMap<(IpAddr, u16), SocketAddr>,
    /// Extra trust anchors, DER certificates; when not empty they replace the system's.
    pub roots: Vec<Vec<u8>>,
}
