import { createServer, request, type IncomingMessage, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { expect, fresh, test as base } from "./fixtures.ts";
import { PASSWORD, Server } from "./server.ts";
import { totp } from "./totp.ts";

const PATH = "/team/vault";

/** A proxy that has put the server on a path of its host, and takes the path off or leaves it on. */
async function proxyTo(server: Server, strips: boolean): Promise<HttpServer> {
  const target = new URL(server.address);
  const pathFor = (asked: IncomingMessage) =>
    strips ? (asked.url ?? "").slice(PATH.length) || "/" : (asked.url ?? "");
  const proxy = createServer((asked, answer) => {
    if (!asked.url?.startsWith(PATH)) return void answer.writeHead(404).end("not this site");
    const onward = request(
      { host: target.hostname, port: target.port, method: asked.method, path: pathFor(asked), headers: asked.headers },
      (back) => {
        answer.writeHead(back.statusCode ?? 502, back.headers);
        back.pipe(answer);
      },
    );
    asked.pipe(onward);
  });
  proxy.on("upgrade", (asked, socket) => {
    const onward = connect(Number(target.port), target.hostname, () => {
      const headers = Object.entries(asked.headers).map(([name, value]) => `${name}: ${String(value)}`);
      onward.write([`GET ${pathFor(asked)} HTTP/1.1`, ...headers, "", ""].join("\r\n"));
      onward.pipe(socket).pipe(onward);
    });
  });
  await new Promise<void>((listening) => proxy.listen(0, "127.0.0.1", listening));
  return proxy;
}

// Without the setting the proxy has to take the path off; with it, either will do.
for (const [what, setting, strips] of [
  ["a proxy that takes the path off", undefined, true],
  ["a proxy that takes the path off, and the setting", PATH, true],
  ["a proxy that leaves the path on, and the setting", PATH, false],
] as const) {
  base(`on a path of its host: ${what}`, async ({ page, context }) => {
    const server = await Server.start(setting ? { COUNTERSIGN_BASE_PATH: setting } : {});
    const admin = await server.setUp();
    const proxy = await proxyTo(server, strips);
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${PATH}/`;
    const strayed: string[] = [];
    page.on("response", (response) => {
      if (!response.url().startsWith(address)) strayed.push(response.url());
    });
    await page.goto(address);
    await page.getByLabel("Name").fill(admin.name);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByLabel("Code").fill(totp({ seed: admin.seed }, Date.now() + 30_000));
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("heading", { name: "No credentials yet" })).toBeVisible();
    const [cookie] = await context.cookies(address);
    expect(cookie?.path).toBe(setting ?? "/");

    // A page that comes later, by what was built into the first.
    await page.goto(`${address}#/credentials/new`);
    const name = fresh("On a path");
    await page.getByLabel("Name", { exact: true }).fill(name);
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("dialog", { name })).toBeVisible();
    await page.goto(`${address}#/audit`);
    await expect(page.getByRole("row").filter({ hasText: name })).toHaveCount(1);
    const docs = await page.goto(`${address}api/docs/`);
    expect(docs?.status()).toBe(200);
    // The page of the API's docs draws some hundred operations before its heading is there.
    await expect(page.getByRole("heading", { name: /^Countersign/ })).toBeVisible({ timeout: 20_000 });
    expect(strayed).toEqual([]);
    proxy.closeAllConnections();
    proxy.close();
    await server.stop();
  });
}
