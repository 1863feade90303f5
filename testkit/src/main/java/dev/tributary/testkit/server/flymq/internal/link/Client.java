package dev.tributary.testkit.server.flymq.internal.link;

import org.jspecify.annotations.Nullable;

/** Whoever is at the other end of a connection. Thread-safe. */
public final class Client {
  private final String ip;
  private volatile @Nullable String user;

  public Client(String ip) {
    this.ip = ip;
  }

  public String ip() {
    return ip;
  }

  /** Who it logged in as; null for nobody. */
  public @Nullable String user() {
    return user;
  }

  public void loggedIn(String name) {
    user = name;
  }
}
