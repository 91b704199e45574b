/** The style sheet, served as a file of its own so that the page allows no style from anywhere else. */
import { createHash } from 'node:crypto'

/** Colours: each tone has an ink for text and signs and a wash for the ground behind it, both readable on the other. */
const colours = `
:root{color-scheme:light dark;
--ground:#f5f7f5;--sheet:#fff;--ink:#18211d;--soft:#56635c;--line:#dfe5e1;--brand:#1c6b4a;--shade:0 1px 2px rgb(20 40 30/.06),0 4px 14px rgb(20 40 30/.05);
--good:#17693f;--good-wash:#e2f3e9;--bad:#a8231c;--bad-wash:#fce9e7;--busy:#1b5799;--busy-wash:#e5effa;--odd:#7d5300;--odd-wash:#fbf0d6;--quiet:#56635c;--quiet-wash:#eaeeeb;
--day:#3ba272;--day-odd:#d39a2a;--day-bad:#d2453b;--day-none:#b9c3bd}
@media (prefers-color-scheme:dark){:root{
--ground:#0f1411;--sheet:#171d1a;--ink:#e6ece8;--soft:#9aa8a0;--line:#29322d;--brand:#5cc796;--shade:none;
--good:#74d6a3;--good-wash:#14301f;--bad:#ff9a90;--bad-wash:#3b1a17;--busy:#8fc0f7;--busy-wash:#14283f;--odd:#f1c56b;--odd-wash:#362a0c;--quiet:#9aa8a0;--quiet-wash:#232b27;
--day:#3fa877;--day-odd:#d7a13a;--day-bad:#e0594f;--day-none:#46524b}}
`

const frame = `
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;-webkit-text-size-adjust:100%}
.top,main,.foot{max-width:76rem;margin:0 auto;padding:0 1.25rem}
.top{display:flex;align-items:center;gap:.75rem;padding-top:1rem;padding-bottom:1rem}
.brand{display:flex;align-items:center;gap:.6rem;color:inherit;text-decoration:none;font-size:1.2rem;letter-spacing:-.01em}
.brand img{display:block}
.motto{color:var(--soft)}
.foot{display:flex;flex-wrap:wrap;gap:1.25rem;padding-top:2rem;padding-bottom:2.5rem;color:var(--soft);font-size:.87rem}
.foot a{color:inherit}
a{color:var(--brand);text-underline-offset:.18em;text-decoration-thickness:1px}
a:focus-visible,summary:focus-visible{outline:2px solid var(--brand);outline-offset:2px;border-radius:3px}
h1{font-size:1.6rem;line-height:1.25;letter-spacing:-.02em;margin:0}
h2{font-size:.83rem;font-weight:650;letter-spacing:.06em;text-transform:uppercase;color:var(--soft);margin:2.25rem 0 .8rem}
h3{font-size:1.05rem;margin:0;font-weight:650}
h2 .aside{text-transform:none;letter-spacing:0}
p{margin:.35rem 0}
code{font:.92em ui-monospace,"SFMono-Regular",Menlo,Consolas,monospace;overflow-wrap:anywhere}
time{white-space:nowrap}
bdi{overflow-wrap:anywhere}
.none,.aside,.into,.crumbs{color:var(--soft)}
.aside{font-size:.9em;font-weight:400}
.figure{text-align:right;font-variant-numeric:tabular-nums}
.crumbs{margin:.25rem 0 .9rem}
.crumbs a{color:inherit}
`

const parts = `
.lamp{display:inline-flex;align-items:center;gap:.4em;padding:.1em .65em .1em .5em;border-radius:99px;font-size:.87rem;font-weight:600;white-space:nowrap}
.sign{font-weight:800;width:1em;text-align:center}
.tone-good{background:var(--good-wash);color:var(--good)}
.tone-bad{background:var(--bad-wash);color:var(--bad)}
.tone-busy{background:var(--busy-wash);color:var(--busy)}
.tone-odd{background:var(--odd-wash);color:var(--odd)}
.tone-quiet{background:var(--quiet-wash);color:var(--quiet)}
.hero{display:flex;align-items:center;gap:1.1rem;padding:1.4rem 1.5rem;border-radius:16px}
.hero p{opacity:.85}
.big-sign{flex:none;display:grid;place-items:center;width:3.2rem;height:3.2rem;border-radius:50%;border:3px solid;font-size:1.7rem;font-weight:800;line-height:1}
.eyebrow{font-weight:700;margin:0}
.banner{background:#b3261e;color:#fff;border-radius:12px;padding:.8rem 1.1rem;margin-bottom:.9rem;overflow-wrap:anywhere}
.banner .next{display:block}
.card,.panel,.trouble{background:var(--sheet);border:1px solid var(--line);border-radius:14px;box-shadow:var(--shade)}
.card,.trouble{padding:1rem 1.15rem}
.panel{padding:1.1rem 1.25rem;margin-bottom:1rem}
.card-head{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:.35rem .8rem}
.card-head h3,.card-head h1{min-width:0;overflow-wrap:anywhere}
.card-head a{color:inherit}
.page-head{margin-bottom:1rem}
.edge-bad,.trouble{border-left:4px solid var(--day-bad)}
.edge-busy{border-left:4px solid var(--busy)}
.grid{display:grid;gap:1rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,17.5rem),1fr))}
.troubles,.runs,.lanes,.locks,.skipped{list-style:none;margin:0;padding:0}
.troubles{display:grid;gap:.75rem}
.kind{color:var(--soft);font-weight:500}
.why{overflow-wrap:anywhere}
.next{overflow-wrap:anywhere}
.trouble .next,.run .next,.card>.next{padding-left:1.4em;position:relative}
.trouble .next::before,.run .next::before,.card>.next::before{content:"→";position:absolute;left:0;color:var(--brand);font-weight:700}
.legend{display:flex;flex-wrap:wrap;gap:.4rem 1.4rem;color:var(--soft);font-size:.87rem}
.legend svg{vertical-align:-.15em}
.next code,.why code{background:var(--quiet-wash);border-radius:5px;padding:.05em .35em}
.banner code,.banner .next code{background:rgb(0 0 0/.25);color:inherit}
.into{margin:0 0 .6rem}
.now{background:var(--busy-wash);color:var(--busy);border-radius:8px;padding:.3rem .7rem;font-weight:600}
.odd-note{color:var(--odd)}
dl{margin:0}
dt{color:var(--soft);font-size:.8rem}
dt::first-letter{text-transform:uppercase}
dd{margin:0;min-width:0;overflow-wrap:anywhere}
.legend span{white-space:nowrap}
.figures{display:flex;flex-wrap:wrap;gap:.3rem 1.4rem;margin:.5rem 0}
.figures dd{font-variant-numeric:tabular-nums;font-weight:550}
.facts{display:grid;gap:.5rem;margin-top:.6rem}
.card .facts{border-top:1px solid var(--line);padding-top:.6rem}
.facts.wide{grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.7rem 1.4rem;margin-bottom:1rem}
.broad{grid-column:span 2}
.cron{color:var(--soft)}
.lanes{display:grid;gap:.35rem;margin-bottom:.9rem}
.lanes li{display:flex;flex-wrap:wrap;align-items:center;gap:.6rem}
`

const tables = `
table{width:100%;border-collapse:collapse}
th,td{padding:.5rem .75rem .5rem 0;text-align:left;vertical-align:middle;border-top:1px solid var(--line)}
thead th{border-top:0;color:var(--soft);font-size:.8rem;font-weight:500;padding-top:0;white-space:nowrap}
tbody th{font-weight:600}
th.figure,td.figure{text-align:right;padding-right:1.25rem}
.days{width:19rem;padding-right:0}
.strip{display:block;width:100%;max-width:19rem;height:auto}
.day-snapshot{fill:var(--day)}
.day-warning{fill:var(--day-odd)}
.day-failed{fill:var(--day-bad)}
.day-none{fill:none;stroke:var(--day-none)}
.day-before{fill:var(--day-none)}
.snapshots{border-collapse:separate;border-spacing:0;padding-top:.9rem}
.tag{display:inline-block;background:var(--quiet-wash);color:var(--quiet);border-radius:6px;padding:0 .45em;font-size:.87rem}
.more{margin-top:.6rem}
.runs{display:grid;gap:.75rem}
.run{background:var(--sheet);border:1px solid var(--line);border-radius:12px;padding:.8rem 1.1rem}
.run-head{display:flex;flex-wrap:wrap;align-items:center;gap:.35rem 1.1rem}
.run-head>.aside{margin-left:auto}
summary{cursor:pointer;color:var(--odd)}
.skipped{padding:.4rem 0 0 1.1rem}
.run pre{margin:.4rem 0 0;font-size:.87rem;white-space:pre-wrap;overflow-wrap:anywhere}
@media (max-width:60rem){
table,tbody{display:block}
thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
tr{display:flex;flex-wrap:wrap;align-items:center;gap:.3rem 1.1rem;padding:.75rem 0;border-top:1px solid var(--line)}
th,td,th.figure,td.figure{border:0;padding:0;text-align:left}
tbody th{flex:1 1 55%;min-width:0;overflow-wrap:anywhere}
.snapshots tbody th{flex:none}
td[data-label]::before{content:attr(data-label) " ";color:var(--soft);font-size:.8rem}
.days{width:100%}
.strip{max-width:none}
.paths{width:100%}
}
@media (max-width:40rem){
td[data-label]{flex:1 1 40%}
body{font-size:15px}
.top,main,.foot{padding-left:.9rem;padding-right:.9rem}
.motto{display:none}
h1{font-size:1.3rem}
.hero{padding:1.1rem;gap:.8rem}
.big-sign{width:2.5rem;height:2.5rem;font-size:1.3rem}
.broad{grid-column:auto}
.facts.wide{grid-template-columns:1fr 1fr}
.facts.wide .broad{grid-column:1/-1}
.run-head>.aside{margin-left:0}
}
@media print{.foot{display:none}.card,.panel,.trouble,.run{break-inside:avoid;box-shadow:none}}
`

export const style = [colours, frame, parts, tables].join('').trim()

/** Its name changes with its content, so that browsers may keep it for ever. */
export const stylePath = `assets/muster.${createHash('sha256').update(style).digest('hex').slice(0, 12)}.css`
