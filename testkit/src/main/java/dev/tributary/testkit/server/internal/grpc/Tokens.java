package dev.tributary.testkit.server.internal.grpc;

import io.vertx.grpc.common.GrpcStatus;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tokens a server takes; anybody is let in if there are none. */
public final class Tokens {
  /** Asks nobody for one. */
  public static final Tokens NONE = new Tokens(Set.of());

  private static final String BEARER = "Bearer ";

  private final Set<String> accepted;

  public Tokens(Set<String> accepted) {
    this.accepted = accepted;
  }

  /** Why a call with this {@code authorization} header is refused, or null if it is not. */
  public @Nullable Rejection refuse(@Nullable String header) {
    if (accepted.isEmpty()) {
      return null;
    } else if (header == null) {
      return new Rejection(GrpcStatus.UNAUTHENTICATED, "missing authorization token");
    } else if (!header.startsWith(BEARER) || header.length() == BEARER.length()) {
      return new Rejection(GrpcStatus.UNAUTHENTICATED, "invalid authorization format");
    }
    byte[] given = header.substring(BEARER.length()).getBytes(StandardCharsets.UTF_8);
    return accepted.stream().anyMatch(token -> MessageDigest.isEqual(given, token.getBytes(StandardCharsets.UTF_8)))
        ? null
        : new Rejection(GrpcStatus.UNAUTHENTICATED, "invalid or expired token");
  }
}
