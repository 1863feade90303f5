package dev.tributary.vertx.internal.net;

import dev.tributary.error.InvalidRequestException;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The headers of a configuration, which are sent with every call: what they may be called, and which of them are secrets. */
final class Headers {
  /** What says how a message is framed, encoded or routed, which is the client's own. */
  private static final Set<String> OWN =
      Set.of(
          "accept-encoding",
          "connection",
          "content-encoding",
          "content-length",
          "content-type",
          "expect",
          "host",
          "http2-settings",
          "keep-alive",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private static final List<String> OWN_PREFIXES = List.of(":", "grpc-");

  private static final List<String> SECRETS = List.of("auth", "cookie", "credential", "key", "passw", "secret", "session", "signature", "token");

  private Headers() {}

  /**
   * Refuses what cannot be sent, and what would break the messages.
   *
   * @throws InvalidRequestException with the name of the header, never its value, which may be a secret
   */
  static void require(Map<String, String> headers) {
    headers.forEach(
        (name, value) -> {
          String known = name.toLowerCase(Locale.ROOT);
          if (OWN.contains(known) || OWN_PREFIXES.stream().anyMatch(known::startsWith)) {
            throw InvalidRequestException.of("the header " + name + " is the client's own", "Leave it out");
          }
          if (!sendable(name, value)) {
            throw InvalidRequestException.of("the header \"" + name + "\" cannot be sent", "Use the characters that HTTP allows in headers");
          }
        });
  }

  private static boolean sendable(String name, String value) {
    try {
      HttpHeaders.headers().set(name, value);
      return !name.isEmpty();
    } catch (IllegalArgumentException none) {
      return false;
    }
  }

  /** What looks like a secret by its name, to be told to the user; null if nothing does. */
  static @Nullable String secret(Map<String, String> headers) {
    return headers.keySet().stream()
        .filter(name -> SECRETS.stream().anyMatch(name.toLowerCase(Locale.ROOT)::contains))
        .findFirst()
        .map(name -> "the header " + name)
        .orElse(null);
  }
}
