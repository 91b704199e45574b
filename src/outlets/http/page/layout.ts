/** The frame of every page. Links are relative, so that a proxy may put Muster under a path of its own. */
import { html } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import { faviconPath } from './favicon.ts'
import { stylePath } from './style.ts'

/** Markup whose values were escaped as they were put in. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>

interface Frame {
  readonly title: string
  /** Folders between this page and the front page. */
  readonly depth: number
  /** Pages that show how things stand come again by themselves. */
  readonly refresh: boolean
  /** Not said where a page may be seen without a login. */
  readonly version?: string
}

export const upTo = (depth: number): string => (depth <= 0 ? './' : '../'.repeat(depth))

/** The address of the page of a job or repository. */
export const pageOf = (top: string, of: 'jobs' | 'repositories', name: string): string =>
  `${top}${of}/${encodeURIComponent(name.toWellFormed())}`

export function layout({ title, depth, refresh, version }: Frame, body: Html): Html {
  const top = upTo(depth)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${refresh ? html`<meta http-equiv="refresh" content="30">` : ''}
<title>${title} · Muster</title>
<link rel="icon" type="image/svg+xml" href="${top}${faviconPath}">
<link rel="stylesheet" href="${top}${stylePath}">
</head>
<body>
<header class="top"><a class="brand" href="${top}"><img src="${top}${faviconPath}" alt="" width="28" height="28"> <strong>Muster</strong></a> <span class="motto">do your backups pass muster?</span></header>
<main>${body}</main>
<footer class="foot"><span>${version === undefined ? 'Muster' : `Muster ${version}`}</span> <a href="${top}metrics">Metrics</a> <a href="${top}api/v1/status">API</a> <a href="${top}api/v1/openapi.json">OpenAPI</a></footer>
</body>
</html>`
}
