package dev.tributary;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;

/**
 * The full name of a stream, queue, key-value store or schema subject: {@code tenant/namespace/name}.
 *
 * <p>Each part is 1 to 255 characters, not blank at either end, without {@code /}, control characters and half surrogate pairs, and not {@code .} or
 * {@code ..}; backends may narrow that further. Short names get the defaults of the client's configuration.
 */
public record ResourceName(String tenant, String namespace, String name) {
  private static final int MAX_PART = 255;

  public ResourceName {
    check("tenant", tenant);
    check("namespace", namespace);
    check("name", name);
  }

  /**
   * Reads {@code name}, {@code namespace/name} or {@code tenant/namespace/name}.
   *
   * @throws InvalidRequestException if it is none of these
   */
  public static ResourceName parse(String text, String defaultTenant, String defaultNamespace) {
    String[] parts = text.split("/", -1);
    return switch (parts.length) {
      case 1 -> new ResourceName(defaultTenant, defaultNamespace, parts[0]);
      case 2 -> new ResourceName(defaultTenant, parts[0], parts[1]);
      case 3 -> new ResourceName(parts[0], parts[1], parts[2]);
      default -> throw invalid("\"" + text + "\" has " + parts.length + " parts");
    };
  }

  /** The same place with another last part. */
  public ResourceName withName(String other) {
    return new ResourceName(tenant, namespace, other);
  }

  @Override
  public String toString() {
    return tenant + "/" + namespace + "/" + name;
  }

  private static void check(String part, String value) {
    if (value.isEmpty()) {
      throw invalid("the " + part + " is empty");
    }
    if (value.length() > MAX_PART) {
      throw invalid("the " + part + " has " + value.length() + " characters, more than " + MAX_PART);
    }
    if (!value.strip().equals(value)) {
      throw invalid("the " + part + " \"" + value + "\" begins or ends with white space");
    }
    if (value.equals(".") || value.equals("..")) {
      throw invalid("the " + part + " is \"" + value + "\"");
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '/' || Character.isISOControl(c)) {
        throw invalid("the " + part + " has the character " + (int) c + " at " + i);
      }
      if (Character.isSurrogate(c)) {
        if (i + 1 == value.length() || !Character.isSurrogatePair(c, value.charAt(i + 1))) {
          throw invalid("the " + part + " has half a surrogate pair at " + i);
        }
        i++;
      }
    }
  }

  private static InvalidRequestException invalid(String what) {
    return new InvalidRequestException(
        ErrorInfo.of("not a resource name: " + what, "Use name, namespace/name or tenant/namespace/name"));
  }
}
