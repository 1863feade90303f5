package dev.tributary.vertx.internal.disheap;

import dev.tributary.config.ClientConfig;
import dev.tributary.config.Credentials;
import dev.tributary.error.InvalidRequestException;
import java.util.Base64;

/** The two forms of API keys: {@code dh_} with anything behind it, and {@code dh.id.secret} with two parts of URL-safe base64. */
final class ApiKeys {
  private static final String LOOSE = "dh_";
  private static final String STRICT = "dh.";

  private ApiKeys() {}

  /** The configuration, if its key has one of the forms; a key that is supplied later is looked at then. */
  static ClientConfig checked(ClientConfig config) {
    Credentials.Provider given = config.credentials();
    if (given instanceof Credentials.Fixed fixed) {
      checked(fixed.value());
      return config;
    }
    return config.toBuilder().credentials(() -> given.credentials().thenApply(ApiKeys::checked)).build();
  }

  private static Credentials checked(Credentials credentials) {
    boolean known =
        credentials instanceof Credentials.Anonymous || credentials instanceof Credentials.Token token && isKey(token.value());
    if (!known) {
      // Never part of a message: it is a secret.
      throw InvalidRequestException.of("the credentials are no API key", "Keys look like dh_KEY, or dh.ID.SECRET in URL-safe base64");
    }
    return credentials;
  }

  private static boolean isKey(String key) {
    if (key.startsWith(LOOSE)) {
      return key.length() > LOOSE.length();
    }
    String[] parts = key.split("\\.", -1);
    return key.startsWith(STRICT) && parts.length == 3 && isBase64(parts[1]) && isBase64(parts[2]);
  }

  private static boolean isBase64(String part) {
    try {
      return Base64.getUrlDecoder().decode(part).length > 0;
    } catch (IllegalArgumentException other) {
      return false;
    }
  }
}
