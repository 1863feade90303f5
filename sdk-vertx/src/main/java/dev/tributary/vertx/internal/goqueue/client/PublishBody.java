package dev.tributary.vertx.internal.goqueue.client;

import com.fasterxml.jackson.databind.SequenceWriter;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventKey;
import dev.tributary.vertx.internal.envelope.Envelope;
import dev.tributary.vertx.internal.envelope.Text;
import dev.tributary.vertx.internal.goqueue.wire.GoDuration;
import dev.tributary.vertx.internal.goqueue.wire.Json;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import dev.tributary.vertx.internal.goqueue.wire.Priorities;
import dev.tributary.vertx.internal.goqueue.wire.Sizes;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Messages as the bodies of requests, none larger than the server takes: a {@link Messages.Publish} each, whose messages are written one by
 * one, since only what is written has a size. Not thread-safe.
 */
final class PublishBody {
  private static final byte[] OPEN = "{\"messages\":[".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] CLOSE = "]}".getBytes(StandardCharsets.US_ASCII);
  private static final int FRAME = OPEN.length + CLOSE.length;

  private final Bytes json;
  private final SequenceWriter writer;
  private final List<Request> requests = new ArrayList<>(1);
  private List<Integer> here = new ArrayList<>();
  /** Where the messages of the request begin that is not full yet. */
  private int from;

  /** For events of about so many bytes together. */
  PublishBody(int expected) {
    this.json = new Bytes(expected);
    this.writer = Json.sequence(Messages.NewMessage.class, json);
  }

  /**
   * One more message.
   *
   * @param index the caller's number of it
   * @param partition where it goes; negative to leave that to the server
   * @throws InvalidRequestException if the server could not keep it as it is
   * @throws PayloadTooLargeException if it does not fit into a request
   */
  void add(int index, Event<byte[]> event, int partition) {
    Messages.NewMessage message = message(event, partition);
    int end = json.size();
    if (!here.isEmpty()) {
      json.write(',');
    }
    int start = json.size();
    try {
      writer.write(message);
    } catch (IOException toMemory) {
      throw new UncheckedIOException(toMemory);
    }
    int bytes = json.size() - start;
    if (bytes + FRAME > Sizes.REQUEST_BYTES) {
      json.truncate(end);
      throw new PayloadTooLargeException(
          ErrorInfo.of(
              "a message of " + bytes + " bytes, as it is sent, with a value of " + event.value().length,
              "A request may have " + Sizes.REQUEST_BYTES + ": store it elsewhere and publish where"));
    }
    if (json.size() - from + FRAME > Sizes.REQUEST_BYTES) {
      finishRequest(end);
      from = start;
    }
    here.add(index);
  }

  private static Messages.NewMessage message(Event<byte[]> event, int partition) {
    EventKey key = event.key();
    String priority = Priorities.name(event.priority());
    Duration delay = event.delay();
    return new Messages.NewMessage(
        Envelope.encode(event.value(), event.headers()),
        key == null ? null : checked(key.text()),
        partition < 0 ? null : partition,
        delay == null ? null : GoDuration.format(delay),
        null,
        event.priority() == 0 ? null : priority);
  }

  private static String checked(String key) {
    if (key.isEmpty()) {
      throw InvalidRequestException.of("the key is empty, which is no key here", "Leave it out, or give one");
    }
    return Text.checked("the key", key);
  }

  private void finishRequest(int to) {
    int begin = from;
    requests.add(new Request(() -> json.framed(begin, to), here));
    here = new ArrayList<>();
  }

  /** The requests, in order. Nothing is added afterwards. */
  List<Request> finish() {
    if (!here.isEmpty()) {
      finishRequest(json.size());
    }
    try {
      writer.close();
    } catch (IOException toMemory) {
      throw new UncheckedIOException(toMemory);
    }
    return requests;
  }

  /** A request with the callers' numbers of its messages. */
  record Request(Supplier<Buffer> body, List<Integer> indexes) {}

  /** What was written; the end of it can be taken back. */
  private static final class Bytes extends ByteArrayOutputStream {
    Bytes(int expected) {
      super(expected);
    }

    void truncate(int to) {
      count = to;
    }

    Buffer framed(int begin, int to) {
      return Buffer.buffer(to - begin + FRAME).appendBytes(OPEN).appendBytes(buf, begin, to - begin).appendBytes(CLOSE);
    }
  }
}
