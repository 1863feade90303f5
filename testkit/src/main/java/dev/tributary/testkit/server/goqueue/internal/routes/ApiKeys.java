package dev.tributary.testkit.server.goqueue.internal.routes;

import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys that let clients in; everybody is, if the server was given none. The keys that it was given may do everything and do not end;
 * others are made and revoked while it runs, and are kept as what they hash to. Thread-safe.
 */
public final class ApiKeys {
  static final int MOST = 10_000;

  private static final String BEARER = "Bearer ";
  private static final String PREFIX = "gq_";
  private static final int SHOWN = 11;
  private static final String ADMIN = "admin";

  private final Set<String> roots;
  private final TimeSource time;
  private final SecureRandom random = new SecureRandom();
  /** By the hash of the key, in the order in which they were made. */
  private final Map<String, Known> made = new LinkedHashMap<>();

  /**
   * A key that was made here.
   *
   * @param prefix how the key begins, by which its owner knows it
   * @param expires when it ends; null for never
   * @param used when it was used last; null for not yet
   */
  record Known(
      String id,
      String name,
      String prefix,
      List<String> roles,
      Instant created,
      @Nullable Instant expires,
      @Nullable Instant used,
      boolean revoked) {
    private Known usedAt(Instant now) {
      return new Known(id, name, prefix, roles, created, expires, now, revoked);
    }

    private Known withoutEffect() {
      return new Known(id, name, prefix, roles, created, expires, used, true);
    }

    private boolean expired(Instant now) {
      return expires != null && !expires.isAfter(now);
    }
  }

  /** A new key: the only moment at which the key itself is known. */
  record Made(Known known, String key) {}

  public ApiKeys(Set<String> roots, TimeSource time) {
    this.roots = roots;
    this.time = time;
  }

  /** Whether keys are asked for. */
  boolean asked() {
    return !roots.isEmpty();
  }

  /** Why a request is not let in, or null if it is. */
  public @Nullable String refuse(HttpServerRequest request) {
    if (!asked()) {
      return null;
    }
    String key = given(request);
    if (key == null) {
      return "no API key provided";
    }
    return isRoot(key) ? null : refuse(hash(key));
  }

  private synchronized @Nullable String refuse(String hash) {
    Known known = made.get(hash);
    Instant now = time.now();
    if (known == null) {
      return "invalid API key";
    } else if (known.revoked()) {
      return "API key has been revoked";
    } else if (known.expired(now)) {
      return "API key has expired";
    }
    made.put(hash, known.usedAt(now));
    return null;
  }

  /** Whether who makes a request, and is let in, may administrate. */
  boolean isAdmin(HttpServerRequest request) {
    String key = given(request);
    if (key == null) {
      return false;
    } else if (isRoot(key)) {
      return true;
    }
    synchronized (this) {
      Known known = made.get(hash(key));
      return known != null && known.roles().contains(ADMIN);
    }
  }

  /** Makes a key. The oldest that has no effect any more makes room if there are {@value #MOST}. */
  synchronized Made make(String name, List<String> roles, @Nullable Instant expires) {
    Instant now = time.now();
    if (made.size() >= MOST) {
      Map.Entry<String, Known> dead =
          made.entrySet().stream()
              .filter(one -> one.getValue().revoked() || one.getValue().expired(now))
              .findFirst()
              .orElseThrow(() -> new Refusal(503, "too many API keys"));
      made.remove(dead.getKey());
    }
    String key = PREFIX + hex(32);
    Known known = new Known("key_" + hex(8), name, key.substring(0, SHOWN), List.copyOf(roles), now, expires, null, false);
    made.put(hash(key), known);
    return new Made(known, key);
  }

  synchronized List<Known> all() {
    return List.copyOf(made.values());
  }

  /** Lets nobody in by it any more; says whether there is such a key. */
  synchronized boolean revoke(String id) {
    for (Map.Entry<String, Known> one : made.entrySet()) {
      if (one.getValue().id().equals(id)) {
        one.setValue(one.getValue().withoutEffect());
        return true;
      }
    }
    return false;
  }

  private String hex(int bytes) {
    byte[] chosen = new byte[bytes];
    random.nextBytes(chosen);
    return HexFormat.of().formatHex(chosen);
  }

  private static String hash(String key) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java has SHA-256", impossible);
    }
  }

  /** Whether a key is one of those that the server was given. */
  private boolean isRoot(String key) {
    byte[] given = key.getBytes(StandardCharsets.UTF_8);
    return roots.stream().anyMatch(root -> MessageDigest.isEqual(given, root.getBytes(StandardCharsets.UTF_8)));
  }

  /** The key of a request: the first place that has one counts. */
  private static @Nullable String given(HttpServerRequest request) {
    String authorization = request.getHeader("authorization");
    if (authorization != null && authorization.startsWith(BEARER)) {
      return authorization.substring(BEARER.length());
    }
    String header = request.getHeader("x-api-key");
    String key = header == null || header.isEmpty() ? request.getParam("api_key") : header;
    return key == null || key.isEmpty() ? null : key;
  }
}
