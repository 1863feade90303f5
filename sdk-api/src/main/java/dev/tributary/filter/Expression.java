package dev.tributary.filter;

import java.util.List;

/** A regular expression, taken apart. */
sealed interface Expression {
  /** One character of these. */
  record Chars(CodePoints set) implements Expression {}

  /** Nothing, at such a place. */
  record At(Place place) implements Expression {}

  /** All of them, one after the other. */
  record All(List<Expression> parts) implements Expression {}

  /** One of them. */
  record Any(List<Expression> parts) implements Expression {}

  /** The same so often; {@link #ENDLESS} for as often as one likes. */
  record Repeat(Expression what, int least, int most) implements Expression {}

  /** No end. */
  int ENDLESS = -1;

  /** What lies on either side of a place. */
  enum Side {
    EDGE,
    NEWLINE,
    WORD,
    OTHER
  }

  /** Places between characters. */
  enum Place {
    TEXT_BEGIN,
    TEXT_END,
    LINE_BEGIN,
    LINE_END,
    WORD_EDGE,
    NO_WORD_EDGE;

    boolean is(Side before, Side after) {
      return switch (this) {
        case TEXT_BEGIN -> before == Side.EDGE;
        case TEXT_END -> after == Side.EDGE;
        case LINE_BEGIN -> before == Side.EDGE || before == Side.NEWLINE;
        case LINE_END -> after == Side.EDGE || after == Side.NEWLINE;
        case WORD_EDGE -> (before == Side.WORD) != (after == Side.WORD);
        case NO_WORD_EDGE -> (before == Side.WORD) == (after == Side.WORD);
      };
    }
  }
}
