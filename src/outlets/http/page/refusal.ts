import { html } from 'hono/html'
import type { Refusal } from '../refusals.ts'
import { type Html, layout } from './layout.ts'
import { sentence } from './words.ts'

/** A small page for a browser that asked for something it does not get. */
export const renderRefusal = (status: number, { message, next }: Refusal, depth: number): Html =>
  layout(
    { title: message, depth, refresh: false },
    html`<section class="hero tone-quiet"><div><p class="eyebrow">${status}</p><h1>${sentence(message)}</h1><p>${sentence(next)}</p></div></section>`,
  )
