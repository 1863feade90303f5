package dev.tributary.config;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Who the client says it is. Never shows a secret in {@code toString}. */
public sealed interface Credentials {
  /** A token, API key or JWT, sent as a bearer token. */
  record Token(String value) implements Credentials {
    @Override
    public String toString() {
      return "Token[***]";
    }
  }

  /** A user with a password. */
  record UserPassword(String user, String password) implements Credentials {
    @Override
    public String toString() {
      return "UserPassword[" + user + ", ***]";
    }
  }

  /** Nobody. */
  record Anonymous() implements Credentials {}

  /** Where credentials come from; asked again when the backend refuses what it gave. */
  @FunctionalInterface
  interface Provider {
    /** The credentials of now. Must not block: return a stage that completes later instead. */
    CompletionStage<Credentials> credentials();

    /** No credentials. */
    static Provider anonymous() {
      return of(new Anonymous());
    }

    /** Always these. */
    static Provider of(Credentials credentials) {
      return new Fixed(credentials);
    }

    /** A token that may change: asked at the first call, and again whenever the backend refuses it. Must not block. */
    static Provider token(Supplier<String> supplier) {
      return () -> CompletableFuture.completedFuture(new Token(supplier.get()));
    }
  }

  /** See {@link Provider#of}. */
  record Fixed(Credentials value) implements Provider {
    @Override
    public CompletionStage<Credentials> credentials() {
      return CompletableFuture.completedFuture(value);
    }
  }
}
