package dev.tributary.vertx.internal.goqueue.wire;

import dev.tributary.error.InvalidRequestException;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/** The five priorities: 2 critical, 1 high, 0 normal, -1 low, -2 background. */
public final class Priorities {
  /** The first to be handed out. */
  public static final int CRITICAL = 2;

  /** The last to be handed out. */
  public static final int BACKGROUND = -2;

  /** Their names, the first to be handed out first: the order of arrays in statistics. */
  public static final List<String> NAMES = List.of("critical", "high", "normal", "low", "background");

  private Priorities() {}

  /**
   * The name of a priority.
   *
   * @throws InvalidRequestException if it is none of the five
   */
  public static String name(int priority) {
    if (priority < BACKGROUND || priority > CRITICAL) {
      throw InvalidRequestException.of(
          "there is no priority " + priority + " here", "Use " + BACKGROUND + " (background) to " + CRITICAL + " (critical); 0 is normal");
    }
    return NAMES.get(place(priority));
  }

  /** What a name means, in lower case, upper case or capitalised; no name is normal. Empty for any other text. */
  public static OptionalInt parse(String name) {
    if (name.isEmpty()) {
      return OptionalInt.of(0);
    }
    String lower = name.toLowerCase(Locale.ROOT);
    int place = NAMES.indexOf(lower);
    boolean known =
        place >= 0
            && (name.equals(lower) || name.equals(lower.toUpperCase(Locale.ROOT)) || name.equals(Character.toUpperCase(lower.charAt(0)) + lower.substring(1)));
    return known ? OptionalInt.of(CRITICAL - place) : OptionalInt.empty();
  }

  /** Where a priority stands among {@link #NAMES}. */
  public static int place(int priority) {
    return CRITICAL - priority;
  }
}
