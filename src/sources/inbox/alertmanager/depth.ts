/** How deeply a JSON text is nested, and of how many pieces, without building any of it. */

const [quote, backslash, open, close, curly, curlyEnd] = [...'"\\[]{}'].map((sign) => sign.charCodeAt(0))

/** Three an alert are usual; a body of nothing but brackets would keep everybody else waiting. */
const mostContainers = 200_000

/** @returns Whether it is nested no deeper than this, and of no more pieces than anybody needs. Brackets inside texts do not count. */
export function isShallow(body: Uint8Array, most: number): boolean {
  let [depth, containers] = [0, 0]
  let isText = false
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]
    if (isText) {
      if (byte === backslash) at++
      else if (byte === quote) isText = false
    } else if (byte === quote) isText = true
    else if (byte === open || byte === curly) {
      depth++
      containers++
      if (depth > most || containers > mostContainers) return false
    } else if (byte === close || byte === curlyEnd) depth--
  }
  return true
}
