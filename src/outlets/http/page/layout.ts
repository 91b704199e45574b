/** The frame of every page. Links are relative, so that a proxy may put Muster under a path of its own. */
import { html } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import { stylePath } from './style.ts'

/** Markup whose values were escaped as they were put in. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>

interface Frame {
  readonly title: string
  /** Folders between this page and the front page. */
  readonly depth: number
  /** Pages that show how things stand come again by themselves. */
  readonly refresh: boolean
}

export const upTo = (depth: number): string => (depth <= 0 ? './' : '../'.repeat(depth))

export function layout({ title, depth, refresh }: Frame, body: Html): Html {
  const top = upTo(depth)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${refresh ? html`<meta http-equiv="refresh" content="30">` : ''}
<title>${title} · Muster</title>
<link rel="icon" type="image/svg+xml" href="${top}assets/favicon.svg">
<link rel="stylesheet" href="${top}${stylePath}">
</head>
<body>
<header class="top"><a class="brand" href="${top}"><strong>Muster</strong></a></header>
<main>${body}</main>
</body>
</html>`
}
