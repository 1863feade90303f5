package dev.tributary.filter;

import dev.tributary.error.InvalidRequestException;
import dev.tributary.filter.Expression.Place;
import dev.tributary.filter.Expression.Side;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds a regular expression in texts: in a time in proportion to the text, whatever both are. The expression becomes nodes, and the nodes that a
 * text can have led to are a state; which state a character leads to is worked out once. Nothing is made for a text that leads to known states.
 * Thread-safe.
 */
final class Automaton {
  /** As many as it takes to know what a text can have led to. */
  private static final int MOST_NODES = 2_000;

  /** How many ways between states are kept, before all are forgotten and worked out again. */
  private static final int MOST_WAYS = 1 << 18;

  private static final int ASCII = 128;
  private static final int MATCH = 0;
  private static final int REPLACEMENT = 0xfffd;
  private static final State FOUND = new State(new int[0], Side.EDGE, 0);

  private final List<Node> nodes = new ArrayList<>();
  private final int begin;
  /** Where kinds of characters begin: those of one kind lead to the same. */
  private final int[] kinds;

  /** Whether it matters where lines, and words, begin and end: else no states are kept apart by it. */
  private final boolean lines;
  private final boolean words;

  private final byte[] ascii;
  private final int mostStates;
  private volatile Known known;
  private int compiled;

  /** Where an expression can be: before one of these characters, at such a place, or at a fork. */
  private static final class Node {
    final @Nullable CodePoints chars;
    final @Nullable Place place;
    int next;
    int other;

    Node(@Nullable CodePoints chars, @Nullable Place place, int next, int other) {
      this.chars = chars;
      this.place = place;
      this.next = next;
      this.other = other;
    }
  }

  /** The nodes that a text has led to, and what was before. Ways that another thread has found may be seen late: they are found again. */
  private static final class State {
    final int[] nodes;
    final Side before;
    final @Nullable State[] ways;

    State(int[] nodes, Side before, int ways) {
      this.nodes = nodes;
      this.before = before;
      this.ways = new State[ways];
    }
  }

  private record Key(Side before, BitSet nodes) {}

  private final class Known {
    final Map<Key, State> states = new ConcurrentHashMap<>();
    final State first = of(new Key(Side.EDGE, new BitSet()));

    State of(Key key) {
      return states.computeIfAbsent(key, made -> new State(made.nodes().stream().toArray(), made.before(), end() + 1));
    }
  }

  /**
   * For this expression.
   *
   * @throws InvalidRequestException if it is too large
   */
  Automaton(Expression expression) {
    add(null, null, MATCH, MATCH);
    begin = compile(expression, MATCH);
    TreeSet<Integer> edges = new TreeSet<>(List.of(0));
    ExpressionParser.WORD.edges(edges);
    ExpressionParser.NEWLINE.edges(edges);
    for (Node node : nodes) {
      if (node.chars != null) {
        node.chars.edges(edges);
      }
    }
    edges.remove(Character.MAX_CODE_POINT + 1);
    lines = asksFor(Place.LINE_BEGIN, Place.LINE_END);
    words = asksFor(Place.WORD_EDGE, Place.NO_WORD_EDGE);
    kinds = edges.stream().mapToInt(Integer::intValue).toArray();
    ascii = new byte[ASCII];
    for (int c = 0; c < ASCII; c++) {
      ascii[c] = (byte) search(c);
    }
    mostStates = Math.max(16, MOST_WAYS / kinds.length);
    known = new Known();
  }

  private int add(@Nullable CodePoints chars, @Nullable Place place, int next, int other) {
    nodes.add(new Node(chars, place, next, other));
    return nodes.size() - 1;
  }

  /** Where this begins, if this is what comes next. What is nothing costs something too: it may be repeated without end. */
  private int compile(Expression expression, int next) {
    if (++compiled > 2 * MOST_NODES || nodes.size() >= MOST_NODES) {
      throw InvalidRequestException.of("the expression is too large", "Shorten it, or repeat less: it may have " + MOST_NODES + " parts");
    }
    if (expression instanceof Expression.Chars chars) {
      return add(chars.set(), null, next, next);
    } else if (expression instanceof Expression.At at) {
      return add(null, at.place(), next, next);
    } else if (expression instanceof Expression.All all) {
      int first = next;
      for (int i = all.parts().size() - 1; i >= 0; i--) {
        first = compile(all.parts().get(i), first);
      }
      return first;
    } else if (expression instanceof Expression.Any any) {
      int first = compile(any.parts().get(0), next);
      for (Expression part : any.parts().subList(1, any.parts().size())) {
        first = add(null, null, first, compile(part, next));
      }
      return first;
    }
    Expression.Repeat repeat = (Expression.Repeat) expression;
    int first = next;
    if (repeat.most() == Expression.ENDLESS) {
      first = add(null, null, next, next);
      nodes.get(first).next = compile(repeat.what(), first);
    }
    for (int i = repeat.least(); i < repeat.most(); i++) {
      first = add(null, null, next, compile(repeat.what(), first));
    }
    for (int i = 0; i < repeat.least(); i++) {
      first = compile(repeat.what(), first);
    }
    return first;
  }

  private int search(int c) {
    int at = Arrays.binarySearch(kinds, c);
    return at < 0 ? -at - 2 : at;
  }

  private int kind(int c) {
    return c < ASCII ? ascii[c] : search(c);
  }

  /** The kind that comes behind all characters. */
  private int end() {
    return kinds.length;
  }

  private Side side(int kind) {
    if (kind == end()) {
      return Side.EDGE;
    } else if (lines && kinds[kind] == '\n') {
      return Side.NEWLINE;
    }
    return words && ExpressionParser.WORD.contains(kinds[kind]) ? Side.WORD : Side.OTHER;
  }

  private boolean asksFor(Place one, Place other) {
    return nodes.stream().anyMatch(node -> node.place == one || node.place == other);
  }

  /** Whether it is somewhere in these bytes, taken as UTF-8: a byte that is none of it is a character that cannot be read. */
  boolean isIn(byte[] text) {
    State state = known.first;
    for (int i = 0; i < text.length && state != FOUND; i++) {
      int c = text[i];
      if (c < 0) {
        c = decode(text, i);
        i += c == REPLACEMENT && !isReplacement(text, i) ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
      }
      State next = after(state, kind(c));
      if (next == state) {
        i = last(text, i, state);
      }
      state = next;
    }
    return after(state, end()) == FOUND;
  }

  /** The last character behind this one up to which the state stays: most of a text, of which each character is looked at without the one before. */
  private int last(byte[] text, int at, State state) {
    int next = at + 1;
    while (next < text.length && text[next] >= 0 && state.ways[ascii[text[next]]] == state) {
      next++;
    }
    return next - 1;
  }

  private static boolean isReplacement(byte[] text, int at) {
    return at + 2 < text.length && text[at] == (byte) 0xef && text[at + 1] == (byte) 0xbf && text[at + 2] == (byte) 0xbd;
  }

  private static int decode(byte[] text, int at) {
    int first = text[at] & 0xff;
    int more = first < 0xc2 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : 0;
    if (more == 0 || at + more >= text.length) {
      return REPLACEMENT;
    }
    int c = first & 0x3f >> more;
    for (int i = 1; i <= more; i++) {
      int next = text[at + i];
      if ((next & 0xc0) != 0x80) {
        return REPLACEMENT;
      }
      c = c << 6 | next & 0x3f;
    }
    boolean valid = more == 1 || more == 2 && c >= 0x800 && (c < 0xd800 || c > 0xdfff) || more == 3 && c >= 0x10000 && c <= Character.MAX_CODE_POINT;
    return valid ? c : REPLACEMENT;
  }

  private State after(State state, int kind) {
    if (state == FOUND) {
      return FOUND;
    }
    State next = state.ways[kind];
    if (next == null) {
      next = step(state, kind);
      state.ways[kind] = next;
    }
    return next;
  }

  private State step(State state, int kind) {
    Side after = side(kind);
    BitSet reached = new BitSet(nodes.size());
    int[] open = new int[2 * nodes.size() + state.nodes.length + 1];
    System.arraycopy(state.nodes, 0, open, 0, state.nodes.length);
    int left = state.nodes.length;
    open[left++] = begin;
    BitSet next = new BitSet(nodes.size());
    while (left > 0) {
      int one = open[--left];
      if (reached.get(one)) {
        continue;
      }
      reached.set(one);
      Node node = nodes.get(one);
      if (one == MATCH) {
        return FOUND;
      } else if (node.chars != null) {
        if (kind != end() && node.chars.contains(kinds[kind])) {
          next.set(node.next);
        }
      } else if (node.place == null || node.place.is(state.before, after)) {
        open[left++] = node.next;
        open[left++] = node.other;
      }
    }
    Known now = known;
    if (now.states.size() >= mostStates) {
      now = new Known();
      known = now;
    }
    return now.of(new Key(after, next));
  }
}
