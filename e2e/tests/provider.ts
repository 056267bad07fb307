// A certified OpenID Connect provider on this machine, under another name than the server, so that it is another site to browsers.
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";

export const CLIENT = "countersign";
export const CLIENT_SECRET = "what only the two of them know";

export class TestProvider {
  readonly issuer: string;
  /** Who is in which groups, as the provider says it from now on. */
  readonly groups = new Map<string, string[]>();
  readonly #http: HttpServer;

  private constructor(issuer: string, http: HttpServer) {
    this.issuer = issuer;
    this.#http = http;
  }

  /** `address`: of the server that people come back to. */
  static async start(address: string): Promise<TestProvider> {
    const http = createServer();
    await new Promise<void>((resolve) => http.listen(0, "localhost", resolve));
    const issuer = `http://localhost:${(http.address() as AddressInfo).port}`;
    const made = new TestProvider(issuer, http);
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: CLIENT,
          client_secret: CLIENT_SECRET,
          grant_types: ["authorization_code"],
          response_types: ["code"],
          redirect_uris: [`${address}/api/v1/sign-in/oidc/callback`],
        },
      ],
      claims: { openid: ["sub"], profile: ["preferred_username"], groups: ["groups"] },
      scopes: ["openid", "profile", "groups"],
      pkce: { required: () => true, methods: ["S256"] },
      cookies: { keys: ["only for a test"] },
      findAccount: (_, id) => ({
        accountId: id,
        claims: () => ({ sub: id, preferred_username: id, groups: made.groups.get(id) ?? [] }),
      }),
    });
    http.on("request", (request, response) => void provider.callback()(request, response));
    return made;
  }

  async stop(): Promise<void> {
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}
