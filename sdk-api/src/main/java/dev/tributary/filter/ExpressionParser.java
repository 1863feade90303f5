package dev.tributary.filter;

import dev.tributary.error.InvalidRequestException;
import dev.tributary.filter.Expression.Place;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads regular expressions as RE2 and Go write them. What those refuse is refused, and a few rare things that they have: what an expression means
 * here it means there. Which repetition is greedy makes no difference to whether there is a match.
 */
final class ExpressionParser {
  private static final int MOST_REPEATS = 1_000;
  private static final int DEEPEST = 250;

  private static final CodePoints DIGIT = CodePoints.ascii("09");
  private static final CodePoints SPACE = CodePoints.ascii("\t\n\f\r  ");
  static final CodePoints WORD = CodePoints.ascii("09AZaz__");
  static final CodePoints NEWLINE = CodePoints.of('\n', '\n');

  private static final Map<String, CodePoints> CLASSES =
      Map.ofEntries(
          Map.entry("alnum", CodePoints.ascii("09AZaz")),
          Map.entry("alpha", CodePoints.ascii("AZaz")),
          Map.entry("ascii", CodePoints.ascii("\0\177")),
          Map.entry("blank", CodePoints.ascii("\t\t  ")),
          Map.entry("cntrl", CodePoints.ascii("\0\37\177\177")),
          Map.entry("digit", DIGIT),
          Map.entry("graph", CodePoints.ascii("!~")),
          Map.entry("lower", CodePoints.ascii("az")),
          Map.entry("print", CodePoints.ascii(" ~")),
          Map.entry("punct", CodePoints.ascii("!/:@[`{~")),
          Map.entry("space", CodePoints.ascii("\t\r  ")),
          Map.entry("upper", CodePoints.ascii("AZ")),
          Map.entry("word", WORD),
          Map.entry("xdigit", CodePoints.ascii("09AFaf")));

  /** By the numbers that the platform gives to general categories. */
  private static final List<String> CATEGORIES =
      List.of(
          "Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Me", "Mc", "Nd", "Nl", "No", "", "Zs", "Zl", "Zp", "Cc", "Cf", "", "Co", "Cs", "Pd", "Ps",
          "Pe", "Pc", "Po", "Sm", "Sc", "Sk", "So", "Pi", "Pf");

  private static final Map<Character, Place> PLACES =
      Map.of('A', Place.TEXT_BEGIN, 'z', Place.TEXT_END, 'b', Place.WORD_EDGE, 'B', Place.NO_WORD_EDGE);

  /** Those that were asked for: all characters were looked at for each. */
  private static final Map<String, CodePoints> CATEGORY = new ConcurrentHashMap<>();

  private final String text;
  private int at;
  private int depth;
  private boolean fold;
  private boolean lines;
  private boolean dotAll;
  private final Set<String> names = new HashSet<>();

  private ExpressionParser(String text) {
    this.text = text;
  }

  /**
   * The expression that this text is.
   *
   * @throws InvalidRequestException if it is none, or one that cannot be matched in a time that is in proportion to the text
   */
  static Expression parse(String text) {
    ExpressionParser parser = new ExpressionParser(text);
    Expression parsed = parser.choice();
    if (parser.more()) {
      throw parser.refused("a ) without a (");
    }
    return parsed;
  }

  private InvalidRequestException refused(String why) {
    return refused(why, "Write it as RE2 or Go does, or use containing(text)");
  }

  private InvalidRequestException refused(String why, String hint) {
    return InvalidRequestException.of("the expression " + text + " has " + why + " at " + Math.min(at, text.length()), hint);
  }

  private boolean more() {
    return at < text.length();
  }

  private boolean sees(String what) {
    return text.startsWith(what, at);
  }

  private boolean skip(String what) {
    boolean there = sees(what);
    at += there ? what.length() : 0;
    return there;
  }

  private int take() {
    if (!more()) {
      throw refused("no end");
    }
    int c = text.codePointAt(at);
    at += Character.charCount(c);
    return c;
  }

  private Expression choice() {
    List<Expression> parts = new ArrayList<>();
    do {
      parts.add(sequence());
    } while (skip("|"));
    return parts.size() == 1 ? parts.get(0) : new Expression.Any(parts);
  }

  private Expression sequence() {
    List<Expression> parts = new ArrayList<>();
    boolean repeatable = false;
    while (more() && !sees("|") && !sees(")")) {
      int[] repeat = repeat();
      if (repeat != null) {
        if (!repeatable) {
          throw refused("nothing to repeat, or a repetition of a repetition,");
        }
        int last = parts.size() - 1;
        parts.set(last, new Expression.Repeat(parts.get(last), repeat[0], repeat[1]));
        repeatable = false;
      } else {
        int before = parts.size();
        if (skip("\\Q")) {
          quoted(parts);
        } else if (sees("(")) {
          group(parts);
        } else {
          parts.add(one());
        }
        repeatable = parts.size() > before;
      }
    }
    return parts.size() == 1 ? parts.get(0) : new Expression.All(parts);
  }

  private void quoted(List<Expression> parts) {
    while (more() && !skip("\\E")) {
      parts.add(literal(take()));
    }
  }

  private Expression literal(int c) {
    return new Expression.Chars(cased(CodePoints.of(c, c)));
  }

  private CodePoints cased(CodePoints set) {
    return fold ? set.folded() : set;
  }

  /** How often, if a repetition comes; what is in braces and is no number is text. */
  private int @Nullable [] repeat() {
    int begin = at;
    int[] found = skip("*") ? new int[] {0, Expression.ENDLESS} : skip("+") ? new int[] {1, Expression.ENDLESS} : skip("?") ? new int[] {0, 1} : null;
    if (found == null && skip("{")) {
      int least = number();
      int most = !skip(",") ? least : sees("}") ? Expression.ENDLESS : number();
      if (least < 0 || most < Expression.ENDLESS || !skip("}")) {
        at = begin;
        return null;
      }
      if (least > MOST_REPEATS || most > MOST_REPEATS || most != Expression.ENDLESS && most < least) {
        throw refused("a repetition of " + text.substring(begin, at), "Repeat up to " + MOST_REPEATS + " times, the smaller number first");
      }
      found = new int[] {least, most};
    }
    if (found != null) {
      skip("?");
    }
    return found;
  }

  /** Less than any other if there is none. */
  private int number() {
    int begin = at;
    while (more() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    boolean none = at == begin || text.charAt(begin) == '0' && at > begin + 1;
    return none ? Integer.MIN_VALUE : at - begin > 9 ? Integer.MAX_VALUE : Integer.parseInt(text.substring(begin, at));
  }

  private void group(List<Expression> parts) {
    skip("(");
    boolean wasFold = fold;
    boolean wasLines = lines;
    boolean wasDotAll = dotAll;
    if (skip("?")) {
      if (sees("=") || sees("!") || sees("<=") || sees("<!") || sees(">")) {
        throw refused("a look around or an atomic group", "Look for the text itself: what looks around it takes too long for some values");
      }
      if (skip("P<") || skip("<")) {
        name();
      } else if (!flags()) {
        return;
      }
    }
    if (++depth > DEEPEST) {
      throw refused("more than " + DEEPEST + " groups in each other");
    }
    parts.add(choice());
    depth--;
    if (!skip(")")) {
      throw refused("a ( without a )");
    }
    fold = wasFold;
    lines = wasLines;
    dotAll = wasDotAll;
  }

  private void name() {
    int begin = at;
    while (more() && WORD.contains(text.charAt(at))) {
      at++;
    }
    if (at == begin || !names.add(text.substring(begin, at)) || !skip(">")) {
      throw refused("a group with a name that is none, or another's,");
    }
  }

  /** Whether a group follows to which they belong; else they are for the rest of the group around them. */
  private boolean flags() {
    boolean on = true;
    boolean any = false;
    while (true) {
      int c = take();
      if (c == ':' || c == ')') {
        if (!any && (c == ')' || !on)) {
          throw refused("a group of nothing");
        }
        return c == ':';
      }
      any = c != '-';
      switch (c) {
        case 'i' -> fold = on;
        case 'm' -> lines = on;
        case 's' -> dotAll = on;
        case 'U' -> {}
        case '-' -> {
          if (!on) {
            throw refused("a second -");
          }
          on = false;
        }
        default -> throw refused("an unknown kind of group");
      }
    }
  }

  private Expression one() {
    int c = take();
    return switch (c) {
      case '.' -> new Expression.Chars(dotAll ? CodePoints.ANY : NEWLINE.not());
      case '^' -> new Expression.At(lines ? Place.LINE_BEGIN : Place.TEXT_BEGIN);
      case '$' -> new Expression.At(lines ? Place.LINE_END : Place.TEXT_END);
      case '[' -> new Expression.Chars(set());
      case '\\' -> escape();
      default -> literal(c);
    };
  }

  private Expression escape() {
    Place place = more() ? PLACES.get(text.charAt(at)) : null;
    if (place != null) {
      at++;
      return new Expression.At(place);
    }
    CodePoints known = known();
    return known == null ? literal(escaped()) : new Expression.Chars(known);
  }

  /** The set that a letter behind a backslash stands for, if it does. */
  private @Nullable CodePoints known() {
    int c = more() ? text.charAt(at) : 0;
    CodePoints set =
        switch (Character.toLowerCase(c)) {
          case 'd' -> DIGIT;
          case 's' -> SPACE;
          case 'w' -> WORD;
          default -> null;
        };
    if (set != null) {
      at++;
      return c < 'a' ? cased(set).not() : cased(set);
    }
    if (c != 'p' && c != 'P') {
      return null;
    }
    at++;
    int first = take();
    boolean not = c == 'P';
    String name = Character.toString(first);
    if (first == '{') {
      not ^= skip("^");
      int end = text.indexOf('}', at);
      name = end < 0 ? "" : text.substring(at, end);
      at = end < 0 ? text.length() : end + 1;
    }
    CodePoints named = category(name);
    return not ? cased(named).not() : cased(named);
  }

  private CodePoints category(String name) {
    Set<Integer> types = new HashSet<>();
    for (int type = 1; type < CATEGORIES.size(); type++) {
      String category = CATEGORIES.get(type);
      if (category.equals(name) || name.length() == 1 && category.startsWith(name)) {
        types.add(type);
      }
    }
    if (types.isEmpty()) {
      throw refused("a kind of characters " + name, "General categories are known, as \\pL and \\p{Lu}");
    }
    return CATEGORY.computeIfAbsent(name, first -> CodePoints.of(c -> types.contains(Character.getType(c))));
  }

  private int escaped() {
    int c = take();
    if (c >= '0' && c <= '7' && (c == '0' || more() && text.charAt(at) >= '0' && text.charAt(at) <= '7')) {
      int value = c - '0';
      for (int i = 0; i < 2 && more() && text.charAt(at) >= '0' && text.charAt(at) <= '7'; i++) {
        value = 8 * value + take() - '0';
      }
      return value;
    }
    if (c >= '1' && c <= '9') {
      throw refused("a reference to a group", "Say what it is to be: what refers to what was found takes too long for some values");
    }
    return switch (c) {
      case 'a' -> 7;
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'v' -> 11;
      case 'x' -> hexadecimal();
      default -> {
        if (c >= 128 || c != '_' && WORD.contains(c)) {
          throw refused("an unknown escape \\" + Character.toString(c));
        }
        yield c;
      }
    };
  }

  private int hexadecimal() {
    boolean braces = skip("{");
    int value = 0;
    int digits = 0;
    while (braces ? !skip("}") : digits < 2) {
      int digit = Character.digit(take(), 16);
      value = 16 * value + digit;
      digits++;
      if (digit < 0 || value > Character.MAX_CODE_POINT) {
        throw refused("a \\x that is no character");
      }
    }
    if (digits == 0) {
      throw refused("a \\x that is no character");
    }
    return value;
  }

  private CodePoints set() {
    boolean not = skip("^");
    List<CodePoints> parts = new ArrayList<>();
    for (boolean first = true; first || !skip("]"); first = false) {
      int end = sees("[:") ? text.indexOf(":]", at) : -1;
      if (end >= 0) {
        skip("[:");
        boolean others = skip("^");
        CodePoints named = CLASSES.get(text.substring(Math.min(at, end), end));
        if (named == null) {
          throw refused("an unknown class");
        }
        at = end + 2;
        parts.add(others ? cased(named).not() : cased(named));
        continue;
      }
      boolean escape = skip("\\");
      CodePoints known = escape ? known() : null;
      if (known != null) {
        parts.add(known);
        continue;
      }
      int low = escape ? escaped() : take();
      int high = low;
      if (sees("-") && !sees("-]")) {
        skip("-");
        high = skip("\\") ? escaped() : take();
      }
      if (high < low) {
        throw refused("a range that ends before it begins");
      }
      parts.add(cased(CodePoints.of(low, high)));
    }
    CodePoints all = CodePoints.union(parts);
    return not ? all.not() : all;
  }
}
