package dev.tributary.internal.driver;

import dev.tributary.ResourceName;
import dev.tributary.error.InvalidRequestException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Names for backends that know neither tenants nor namespaces, and only the characters {@code A-Z a-z 0-9 _ -}, or these and {@code .}.
 * Both directions are exact: no two names become one, and what is read back is the name again.
 *
 * <p>A name in the tenant and namespace of one's own is written as it is, if it has no other characters and does not look like the
 * second form. That is {@code tenant__namespace__name}, where every character that the backend does not know, and {@code _}, is
 * {@code _HH} for each of its UTF-8 bytes, in capital hexadecimal digits.
 */
public final class FlatNames {
  private static final String BETWEEN = "__";
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private final String tenant;
  private final String namespace;
  private final int longest;
  private final boolean dots;

  /** For somebody whose own tenant and namespace these are; {@code longest} is the most characters a name may have. */
  public FlatNames(String tenant, String namespace, int longest) {
    this(tenant, namespace, longest, false);
  }

  private FlatNames(String tenant, String namespace, int longest, boolean dots) {
    this.tenant = tenant;
    this.namespace = namespace;
    this.longest = longest;
    this.dots = dots;
  }

  /** The same for a backend that knows {@code .} too, though not as a whole name. */
  public FlatNames withDots() {
    return new FlatNames(tenant, namespace, longest, true);
  }

  /**
   * The flat name.
   *
   * @throws InvalidRequestException if it is too long
   */
  public String flat(ResourceName name) {
    String flat =
        asItIs(name)
            ? name.name()
            : escape(name.tenant()) + BETWEEN + escape(name.namespace()) + BETWEEN + escape(name.name());
    if (flat.length() > longest) {
      throw InvalidRequestException.of(
          "the name " + name + " takes " + flat.length() + " characters here, more than " + longest,
          "Use a shorter one; characters that are escaped take three each or more");
    }
    return flat;
  }

  /**
   * What a flat name means.
   *
   * @throws InvalidRequestException if it has other characters or is too long
   */
  public ResourceName full(String flat) {
    if (!isFlat(flat) || flat.length() > longest) {
      throw InvalidRequestException.of(
          "\"" + flat + "\" is not a name here", "Use 1 to " + longest + " of the characters A-Z a-z 0-9 _ -" + (dots ? " .; not . or .. alone" : ""));
    }
    return read(flat);
  }

  private ResourceName read(String flat) {
    ResourceName escaped = parse(flat);
    // What is written as it is was never escaped: then the whole is a name of somebody else's.
    return escaped == null || asItIs(escaped) ? new ResourceName(tenant, namespace, flat) : escaped;
  }

  private boolean asItIs(ResourceName name) {
    return name.tenant().equals(tenant) && name.namespace().equals(namespace) && isFlat(name.name())
        && (parse(name.name()) == null || read(name.name()).equals(name));
  }

  private boolean isFlat(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (!plain(name.charAt(i)) && name.charAt(i) != '_') {
        return false;
      }
    }
    return !name.isEmpty() && !name.equals(".") && !name.equals("..");
  }

  private boolean plain(int c) {
    return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.' && dots;
  }

  private String escape(String part) {
    StringBuilder escaped = new StringBuilder();
    for (byte b : part.getBytes(StandardCharsets.UTF_8)) {
      if (plain(b)) {
        escaped.append((char) b);
      } else {
        escaped.append('_').append(HEX.toHexDigits(b));
      }
    }
    return escaped.toString();
  }

  /** The name of the second form, or null if it is not of that form. */
  private @Nullable ResourceName parse(String flat) {
    if (!flat.contains(BETWEEN)) {
      return null; // Most names, and with every call: nothing is to be made for them.
    }
    String[] parts = new String[3];
    ByteBuffer part = ByteBuffer.allocate(flat.length());
    int count = 0;
    for (int i = 0; i < flat.length(); i++) {
      char c = flat.charAt(i);
      if (c != '_') {
        part.put((byte) c);
      } else if (flat.startsWith(BETWEEN, i)) {
        String text = text(part);
        if (text == null || count == 2) {
          return null;
        }
        parts[count++] = text;
        part.clear();
        i++;
      } else if (i + 2 < flat.length() && capitalHex(flat.charAt(i + 1)) && capitalHex(flat.charAt(i + 2))) {
        byte b = (byte) HexFormat.fromHexDigits(flat, i + 1, i + 3);
        if (plain(b)) {
          return null;
        }
        part.put(b);
        i += 2;
      } else {
        return null;
      }
    }
    parts[count] = text(part);
    if (count < 2 || parts[2] == null) {
      return null;
    }
    try {
      return new ResourceName(parts[0], parts[1], parts[2]);
    } catch (InvalidRequestException noName) {
      return null;
    }
  }

  private static boolean capitalHex(char c) {
    return c >= '0' && c <= '9' || c >= 'A' && c <= 'F';
  }

  private static @Nullable String text(ByteBuffer bytes) {
    bytes.flip();
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException noText) {
      return null;
    }
  }
}
