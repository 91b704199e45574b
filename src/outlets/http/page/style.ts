/** The style sheet, served as a file of its own so that the page allows no style from anywhere else. */
import { createHash } from 'node:crypto'

export const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:0 auto;padding:1rem}`

/** Its name changes with its content, so that browsers may keep it for ever. */
export const stylePath = `assets/muster.${createHash('sha256').update(style).digest('hex').slice(0, 12)}.css`
