// A page of a real browser that a broker served, so that its scripts have the broker's origin.
import { chromium, type Page } from 'playwright-core'
import type { TestBroker } from './broker.js'

/** Gives `use` the page and closes the browser behind it. */
export async function withPage<T>(broker: TestBroker, use: (page: Page) => Promise<T>): Promise<T> {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  })
  try {
    const page = await browser.newPage()
    await page.goto(`${broker.websocket.replace('ws:', 'http:')}/health/live`)
    return await use(page)
  } finally {
    await browser.close()
  }
}
