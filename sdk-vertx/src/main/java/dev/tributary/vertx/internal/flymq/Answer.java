package dev.tributary.vertx.internal.flymq;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.vertx.internal.flymq.wire.ErrorStyle;
import dev.tributary.vertx.internal.flymq.wire.Frame;
import dev.tributary.vertx.internal.flymq.wire.Malformed;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import org.jspecify.annotations.Nullable;

/**
 * What came in the place of an answer.
 *
 * @param passedOver how many bytes it had, if they were too many to be kept
 */
record Answer(Frame frame, long passedOver) {
  /** What it says if another node is to be asked, or nobody leads yet: then nothing was done. Null if it says anything else. */
  @Nullable String elsewhere() {
    if (frame.opcode() != ErrorStyle.OPCODE) {
      return null;
    }
    String text = ErrorStyle.text(frame);
    return text.startsWith("not leader") || text.startsWith("not partition leader") ? text : null;
  }

  /** Whether somebody is turned away who is not known, or not any more: then nothing was done. */
  boolean turnsAway() {
    if (frame.opcode() != ErrorStyle.OPCODE) {
      return false;
    }
    String text = ErrorStyle.text(frame);
    return text.equals("authentication required") || text.equals("user account is disabled");
  }

  /** The answer to this operation; throws the error that it is instead. */
  <A extends Message> A as(Opcode opcode, Class<A> type) {
    if (frame.opcode() == ErrorStyle.OPCODE) {
      throw FlyMqErrors.of(opcode, ErrorStyle.text(frame));
    }
    if (frame.opcode() != opcode.answerCode()) {
      throw strange(opcode, "is one to operation " + frame.opcode());
    }
    if (passedOver > 0) {
      throw new PayloadTooLargeException(
          ErrorInfo.of("an answer of " + passedOver + " bytes", "Read fewer at a time, or raise max-message-bytes").maybeApplied(true));
    }
    try {
      return type.cast(opcode.answer(frame));
    } catch (Malformed garbage) {
      throw strange(opcode, garbage.text());
    }
  }

  private static ProtocolViolationException strange(Opcode opcode, String what) {
    return new ProtocolViolationException(
        ErrorInfo.of("the answer to " + opcode + ": " + what, "Check that a FlyMQ server is there, and its version").maybeApplied(true));
  }
}
