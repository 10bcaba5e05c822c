//! The colours, for light and dark.

/// The style sheet of an SVG picture: what stands in each of them, for pages that may have no style within.
pub const STYLE: &str = "
.aslx text { font-family: -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, 'DejaVu Sans', sans-serif; text-anchor: middle; fill: #1f2328; }
.aslx .name { font-size: 13px; font-weight: 600; }
.aslx .detail, .aslx .label { font-size: 11px; }
.aslx .detail { fill: #59636e; }
.aslx .ground { fill: #ffffff; }
.aslx .state { fill: #f6f8fa; stroke: #818b98; stroke-width: 1.3; }
.aslx .task { fill: #eaf4ff; stroke: #2f81f7; }
.aslx .choice { fill: #fff8d6; stroke: #bf8700; }
.aslx .wait { fill: #f7efff; stroke: #8250df; }
.aslx .succeed { fill: #e2f9e8; stroke: #1a7f37; }
.aslx .fail { fill: #ffeceb; stroke: #cf222e; }
.aslx .box { fill: #f3f5f8; stroke: #818b98; }
.aslx .panel { fill: #ffffff; stroke: #d1d9e0; stroke-dasharray: 4 3; }
.aslx .mark { fill: #59636e; }
.aslx .ring { fill: none; stroke: #59636e; stroke-width: 1.5; }
.aslx .way { fill: none; stroke: #6e7781; stroke-width: 1.4; }
.aslx .tip { fill: #6e7781; }
.aslx .caught { stroke: #bc4c00; stroke-dasharray: 2 3.5; }
.aslx .caught-tip { fill: #bc4c00; }
.aslx .caught-label { fill: #953800; }
.aslx .halo { fill: #ffffff; fill-opacity: .88; }
.aslx .plain { fill: #f6f8fa; stroke: #b7bec6; }
.aslx .good { fill: #d3f5dc; stroke: #1a7f37; stroke-width: 2; }
.aslx .active { fill: #cfe8ff; stroke: #0969da; stroke-width: 2; }
.aslx .doubtful { fill: #ffe8d1; stroke: #bc4c00; stroke-width: 2; }
.aslx .bad { fill: #ffd3d0; stroke: #cf222e; stroke-width: 2; }
.aslx .missed { fill: #ffffff; stroke: #cf222e; stroke-width: 2; stroke-dasharray: 5 3; }
.aslx .taken { stroke: #1f2328; stroke-width: 2.2; }
.aslx .taken-tip { fill: #1f2328; }
.aslx .faint { opacity: .5; }
.aslx .badge { fill: #1f2328; }
.aslx .badge-text { font-size: 10px; font-weight: 600; fill: #ffffff; }
@media (prefers-color-scheme: dark) {
.aslx text { fill: #e6edf3; }
.aslx .detail { fill: #9198a1; }
.aslx .ground { fill: #0d1117; }
.aslx .state { fill: #1a2029; stroke: #6e7681; }
.aslx .task { fill: #10243e; stroke: #4493f8; }
.aslx .choice { fill: #2c2508; stroke: #d29922; }
.aslx .wait { fill: #231a3a; stroke: #ab7df8; }
.aslx .succeed { fill: #0e2a18; stroke: #3fb950; }
.aslx .fail { fill: #3a1618; stroke: #f85149; }
.aslx .box { fill: #151b23; stroke: #656c76; }
.aslx .panel { fill: #0d1117; stroke: #3d444d; }
.aslx .mark { fill: #9198a1; }
.aslx .ring { stroke: #9198a1; }
.aslx .way { stroke: #848d97; }
.aslx .tip { fill: #848d97; }
.aslx .caught { stroke: #db6d28; }
.aslx .caught-tip { fill: #db6d28; }
.aslx .caught-label { fill: #f0883e; }
.aslx .halo { fill: #0d1117; }
.aslx .plain { fill: #151b23; stroke: #4b535d; }
.aslx .good { fill: #12361f; stroke: #3fb950; }
.aslx .active { fill: #12335e; stroke: #4493f8; }
.aslx .doubtful { fill: #40230b; stroke: #db6d28; }
.aslx .bad { fill: #55191b; stroke: #f85149; }
.aslx .missed { fill: #0d1117; stroke: #f85149; }
.aslx .taken { stroke: #e6edf3; }
.aslx .taken-tip { fill: #e6edf3; }
.aslx .badge { fill: #e6edf3; }
.aslx .badge-text { fill: #0d1117; }
}
";
