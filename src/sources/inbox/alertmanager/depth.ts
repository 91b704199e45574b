/** How deeply a JSON text is nested, without building any of it. */

const [quote, backslash, open, close, curly, curlyEnd] = [...'"\\[]{}'].map((sign) => sign.charCodeAt(0))

/** @returns Whether it is nested no deeper than this. Brackets inside texts do not count. */
export function isShallow(body: Uint8Array, most: number): boolean {
  let depth = 0
  let isText = false
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]
    if (isText) {
      if (byte === backslash) at++
      else if (byte === quote) isText = false
    } else if (byte === quote) isText = true
    else if (byte === open || byte === curly) {
      depth++
      if (depth > most) return false
    } else if (byte === close || byte === curlyEnd) depth--
  }
  return true
}
