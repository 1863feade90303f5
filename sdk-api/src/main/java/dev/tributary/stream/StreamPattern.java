package dev.tributary.stream;

import dev.tributary.ResourceName;
import dev.tributary.error.InvalidRequestException;

/**
 * Streams by the levels of their names, which {@code .} separates: {@code +} stands for one level, and {@code #}, which comes last, for any number of
 * levels, also for none. So {@code orders.+} matches {@code orders.eu}, and {@code orders.#} also {@code orders} and {@code orders.eu.open}.
 *
 * <p>A pattern is written like a name, {@code name}, {@code namespace/name} or {@code tenant/namespace/name}, where tenant and namespace may be {@code +},
 * which stands for any: {@code +/#} is every stream of the tenant. Everything else stands for itself, upper and lower case apart.
 *
 * <p>Streams of dead letters, whose names end with {@code .dlq} or {@code -dlq}, are matched only where the last level is written out, as in
 * {@code +.dlq}: who consumes streams is not to consume what it gives up itself.
 *
 * @param name the pattern in full
 */
public record StreamPattern(ResourceName name) {
  private static final String ONE = "+";
  private static final String REST = "#";

  public StreamPattern {
    single("tenant", name.tenant());
    single("namespace", name.namespace());
    String[] levels = levels(name);
    for (int i = 0; i < levels.length; i++) {
      if (!levels[i].equals(REST) || i < levels.length - 1) {
        single("level", levels[i]);
      }
    }
  }

  /**
   * Reads a pattern; short ones are completed with these.
   *
   * @throws InvalidRequestException if it is none
   */
  public static StreamPattern parse(String text, String defaultTenant, String defaultNamespace) {
    return new StreamPattern(ResourceName.parse(text, defaultTenant, defaultNamespace));
  }

  private static void single(String what, String level) {
    if (level.contains(REST) || level.contains(ONE) && !level.equals(ONE)) {
      throw InvalidRequestException.of(
          "not a pattern of streams: the " + what + " \"" + level + "\"", "Let + be a whole level, and # the last level of the name");
    }
  }

  /** Whether the stream of this name is one of them. */
  public boolean matches(ResourceName stream) {
    if (!matches(name.tenant(), stream.tenant()) || !matches(name.namespace(), stream.namespace())) {
      return false;
    }
    String[] wanted = levels(name);
    String[] given = levels(stream);
    String last = wanted[wanted.length - 1];
    if (isOfDeadLetters(stream) && (last.equals(ONE) || last.equals(REST))) {
      return false;
    }
    int fixed = last.equals(REST) ? wanted.length - 1 : wanted.length;
    if (last.equals(REST) ? given.length < fixed : given.length != fixed) {
      return false;
    }
    for (int i = 0; i < fixed; i++) {
      if (!matches(wanted[i], given[i])) {
        return false;
      }
    }
    return true;
  }

  private static boolean matches(String wanted, String given) {
    return wanted.equals(ONE) || wanted.equals(given);
  }

  private static boolean isOfDeadLetters(ResourceName stream) {
    return stream.name().endsWith(".dlq") || stream.name().endsWith("-dlq");
  }

  private static String[] levels(ResourceName name) {
    return name.name().split("\\.", -1);
  }

  @Override
  public String toString() {
    return name.toString();
  }
}
