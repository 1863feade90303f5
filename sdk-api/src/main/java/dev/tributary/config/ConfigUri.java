package dev.tributary.config;

import dev.tributary.error.InvalidRequestException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the URI form of a configuration. By hand, because {@code java.net.URI} knows one host only and repeats the whole text,
 * credentials and all, in its errors.
 */
final class ConfigUri {
  private static final String SHAPE = "Write backend://host:port, flowmesh://localhost:50051 for instance";
  private static final String ENCODE =
      "Percent-encode what is special in credentials and names: @ is %40, / is %2F, ? is %3F, # is %23, % is %25";
  private static final Pattern SCHEME = Pattern.compile("[a-z][a-z0-9+.-]*");

  private final ConfigDraft draft;
  private final Set<String> seen = new HashSet<>();

  private ConfigUri(String backend) {
    this.draft = new ConfigDraft(backend);
  }

  static ConfigDraft parse(@Nullable String uri) {
    if (uri == null) {
      throw InvalidRequestException.of("there is no URI", SHAPE + ", or set TRIBUTARY_URI and call Tributary.connect()");
    }
    int colon = uri.indexOf(':');
    String scheme = colon < 0 ? "" : uri.substring(0, colon).toLowerCase(Locale.ROOT);
    if (!SCHEME.matcher(scheme).matches()) {
      throw InvalidRequestException.of("the URI does not begin with a backend", SHAPE);
    }
    String rest = uri.substring(colon + 1);
    boolean hierarchical = rest.startsWith("//");
    int end = hierarchical ? firstOf(rest, 2) : 0;
    if (rest.indexOf('@', end) < 0) {
      return new ConfigUri(scheme).read(rest, end, hierarchical);
    }
    // An @ so late may belong to credentials that were not encoded: then any part of the text may be a part of them.
    try {
      return new ConfigUri(scheme).read(rest, end, hierarchical);
    } catch (InvalidRequestException secretive) {
      throw InvalidRequestException.of("the URI cannot be read", ENCODE);
    }
  }

  private ConfigDraft read(String rest, int end, boolean hierarchical) {
    int fragment = rest.indexOf('#');
    if (fragment >= 0) {
      throw InvalidRequestException.of("the URI has a #", ENCODE);
    }
    int question = rest.indexOf('?', end);
    String path = rest.substring(end, question < 0 ? rest.length() : question);
    if (hierarchical) {
      authority(rest.substring(2, end));
      path(path);
    } else {
      instance(path);
    }
    if (question >= 0 && question < rest.length() - 1) {
      for (String option : rest.substring(question + 1).split("&", -1)) {
        option(option);
      }
    }
    return draft;
  }

  /** {@code memory:} or {@code memory:name}. */
  private void instance(String name) {
    if (!draft.backend.equals("memory")) {
      throw InvalidRequestException.of(
          "the URI of backend " + draft.backend + " names no host",
          SHAPE + "; only the quickstart reads a backend alone, as its embedded server");
    }
    if (name.indexOf('/') >= 0) {
      throw InvalidRequestException.of("the name of a memory engine has a /", "Write memory:name?tenant=a&namespace=b");
    }
    if (!name.isEmpty()) {
      draft.builder.instance(decode(name));
    }
  }

  private void authority(String authority) {
    if (draft.backend.equals("memory")) {
      throw InvalidRequestException.of("the backend memory has no address", "Write memory: or memory:name");
    }
    int at = authority.lastIndexOf('@');
    if (at >= 0) {
      credentials(authority.substring(0, at));
    }
    String hosts = authority.substring(at + 1);
    if (hosts.isEmpty()) {
      throw InvalidRequestException.of("the URI names no host", SHAPE);
    }
    for (String host : hosts.split(",", -1)) {
      draft.builder.endpoint(Endpoint.parse(host.replace("%25", "%")));
    }
  }

  private void credentials(String text) {
    int colon = text.indexOf(':');
    if (text.isEmpty() || colon == 0) {
      throw InvalidRequestException.of("the URI has an @ but no credentials before it", "Write token@host or user:password@host");
    }
    if (colon < 0) {
      draft.token = decode(text);
    } else {
      draft.user = decode(text.substring(0, colon));
      draft.password = decode(text.substring(colon + 1));
    }
  }

  private void path(String path) {
    if (path.length() < 2) {
      return;
    }
    String[] parts = path.substring(1).split("/", -1);
    if (parts.length > 2) {
      throw InvalidRequestException.of("the path of the URI has " + parts.length + " parts", "Write /tenant or /tenant/namespace");
    }
    assign(ConfigOption.TENANT.text(), decode(parts[0]));
    if (parts.length == 2) {
      assign(ConfigOption.NAMESPACE.text(), decode(parts[1]));
    }
  }

  private void option(String option) {
    int equals = option.indexOf('=');
    if (equals < 1) {
      throw InvalidRequestException.of(
          option.isEmpty() ? "the URI has an empty option" : "the option \"" + option + "\" has no value", "Write ?name=value&name=value");
    }
    String name = decode(option.substring(0, equals));
    ConfigOption.named(name)
        .filter(ConfigOption::credential)
        .ifPresent(
            credential -> {
              throw InvalidRequestException.of(
                  "credentials are not an option of the URI", "Write token@host or user:password@host, or set them in code");
            });
    assign(name, decode(option.substring(equals + 1)));
  }

  private void assign(String name, String value) {
    boolean caseless = name.startsWith(ConfigDraft.HEADER);
    if (!seen.add(caseless ? name.toLowerCase(Locale.ROOT) : name)) {
      throw InvalidRequestException.of(name + " is given twice", "Give it once");
    }
    draft.set(name, "\"" + name + "\"", value, near -> "\"" + near.text() + "\"");
  }

  /** Undoes percent-encoding. A plus stays a plus: tokens have them. */
  private static String decode(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    byte[] raw = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer decoded = ByteBuffer.allocate(raw.length);
    for (int i = 0; i < raw.length; i++) {
      if (raw[i] != '%') {
        decoded.put(raw[i]);
        continue;
      }
      int high = i + 2 < raw.length ? Character.digit(raw[i + 1], 16) : -1;
      int low = i + 2 < raw.length ? Character.digit(raw[i + 2], 16) : -1;
      if (high < 0 || low < 0) {
        throw InvalidRequestException.of("the URI has a % without two hexadecimal digits", ENCODE);
      }
      decoded.put((byte) (high << 4 | low));
      i += 2;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(decoded.flip()).toString();
    } catch (CharacterCodingException malformed) {
      throw InvalidRequestException.of("the URI has percent-encoded bytes that are not UTF-8", ENCODE);
    }
  }

  /** Where the authority ends. */
  private static int firstOf(String text, int from) {
    int i = from;
    while (i < text.length() && "/?#".indexOf(text.charAt(i)) < 0) {
      i++;
    }
    return i;
  }
}
