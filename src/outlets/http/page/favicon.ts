/** The sign of Muster: three that stand in line, and the tick that says so. */
export const favicon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#1c6b4a"/><g fill="#fff" fill-opacity=".45"><rect x="6" y="8" width="4" height="16" rx="2"/><rect x="14" y="8" width="4" height="16" rx="2"/><rect x="22" y="8" width="4" height="16" rx="2"/></g><path d="M7 17.5l6 6L26 9.5" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/></svg>`

export const faviconPath = 'assets/favicon.svg'
