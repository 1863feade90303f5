package dev.tributary.nats;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tributary.testkit.server.NatsServer;

/** The servers of the tests, which are skipped where there is no program to start. */
final class Servers {
  private static NatsServer shared;

  private Servers() {}

  /** One that stays for all tests of this process. */
  static synchronized NatsServer shared() {
    if (shared == null) {
      shared = with();
    }
    return shared;
  }

  /** One with these arguments besides. */
  static NatsServer with(String... arguments) {
    assumeTrue(NatsServer.available(), "nats-server is not there: set -D" + NatsServer.PROPERTY + " or install it on the path");
    return NatsServer.with(arguments).start();
  }
}
