//! The pins of the catalogue's models. Written by `cargo run --example pin_models` on a machine
//! with a network; `None` if nobody has looked it up.

use super::pin::Pin;

pub(super) const RN50_OPENAI: Option<Pin> = None;
pub(super) const RN101_OPENAI: Option<Pin> = None;
pub(super) const RN50X4_OPENAI: Option<Pin> = None;
pub(super) const RN50X16_OPENAI: Option<Pin> = None;
pub(super) const RN50X64_OPENAI: Option<Pin> = None;
pub(super) const VIT_B_32_OPENAI: Option<Pin> = None;
pub(super) const VIT_B_16_OPENAI: Option<Pin> = None;
pub(super) const VIT_L_14_OPENAI: Option<Pin> = None;
pub(super) const VIT_L_14_336_OPENAI: Option<Pin> = None;
pub(super) const VIT_B_32_LAION2B: Option<Pin> = None;
pub(super) const VIT_B_16_LAION2B: Option<Pin> = None;
pub(super) const VIT_L_14_LAION2B: Option<Pin> = None;
pub(super) const VIT_B_32_DATACOMP: Option<Pin> = None;
pub(super) const VIT_H_14_LAION2B: Option<Pin> = None;
pub(super) const VIT_B_32_256_DATACOMP: Option<Pin> = None;
pub(super) const VIT_L_14_DFN2B: Option<Pin> = None;
pub(super) const VIT_B_16_DATACOMP: Option<Pin> = None;
pub(super) const VIT_L_14_DATACOMP: Option<Pin> = None;
pub(super) const VIT_B_16_DFN2B: Option<Pin> = None;
pub(super) const VIT_B_32_METACLIP: Option<Pin> = None;
pub(super) const SIGLIP2_B_32_256: Option<Pin> = None;
pub(super) const SIGLIP2_B_16_224: Option<Pin> = None;
pub(super) const SIGLIP2_B_16_256: Option<Pin> = None;
pub(super) const SIGLIP2_L_16_256: Option<Pin> = None;
pub(super) const SIGLIP2_SO400M_14_224: Option<Pin> = None;
pub(super) const PE_CORE_B_16_224: Option<Pin> = None;
pub(super) const PE_CORE_L_14_336: Option<Pin> = None;
pub(super) const MOBILECLIP2_S0: Option<Pin> = None;
pub(super) const MOBILECLIP_S1: Option<Pin> = None;
pub(super) const MOBILECLIP_S2: Option<Pin> = None;
pub(super) const MOBILECLIP2_S2: Option<Pin> = None;
pub(super) const MOBILECLIP_B: Option<Pin> = None;
pub(super) const MOBILECLIP_B_LT: Option<Pin> = None;
pub(super) const MOBILECLIP2_B: Option<Pin> = None;
pub(super) const MOBILECLIP2_S3: Option<Pin> = None;
pub(super) const MOBILECLIP2_L_14: Option<Pin> = None;
pub(super) const MOBILECLIP2_S4: Option<Pin> = None;
pub(super) const TINYCLIP_39M_16: Option<Pin> = None;
pub(super) const TINYCLIP_40M_32: Option<Pin> = None;
pub(super) const TINYCLIP_61M_32: Option<Pin> = None;
