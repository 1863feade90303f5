package dev.tributary.vertx.internal.goqueue.client;

import com.fasterxml.jackson.databind.ObjectWriter;
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
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * Messages as the bodies of requests, none larger than the server takes: a {@link Messages.Publish} each, whose messages are written one by
 * one, since only what is written has a size. Not thread-safe.
 */
final class PublishBody {
  private static final ObjectWriter MESSAGES = Json.sequences(Messages.NewMessage.class);
  private static final byte[] OPEN = "{\"messages\":[".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] MORE = ",".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] CLOSE = "]}".getBytes(StandardCharsets.US_ASCII);
  private static final int FRAME = OPEN.length + CLOSE.length;

  private final Bytes json;
  private final SequenceWriter writer;
  private final List<Request> requests = new ArrayList<>(1);
  private List<Integer> here = new ArrayList<>();
  /** Where the request begins that is not full yet. */
  private int from;

  /** For events of about so many bytes together. */
  PublishBody(int expected) {
    this.json = new Bytes(FRAME + expected);
    try {
      this.writer = MESSAGES.writeValues(json);
    } catch (IOException toMemory) {
      throw new UncheckedIOException(toMemory);
    }
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
    int bytes = write(message);
    if (bytes + FRAME > Sizes.REQUEST_BYTES) {
      json.truncate(end);
      throw new PayloadTooLargeException(
          ErrorInfo.of(
              "a message of " + bytes + " bytes, as it is sent, with a value of " + event.value().length,
              "A request may have " + Sizes.REQUEST_BYTES + ": store it elsewhere and publish where"));
    }
    if (json.size() - from + CLOSE.length > Sizes.REQUEST_BYTES) {
      json.truncate(end);
      finishRequest();
      write(message);
    }
    here.add(index);
  }

  /** How many bytes it has. */
  private int write(Messages.NewMessage message) {
    json.write(here.isEmpty() ? OPEN : MORE);
    int start = json.size();
    try {
      writer.write(message);
    } catch (IOException toMemory) {
      throw new UncheckedIOException(toMemory);
    }
    return json.size() - start;
  }

  private static Messages.NewMessage message(Event<byte[]> event, int partition) {
    EventKey key = event.key();
    String priority = Priorities.name(event.priority());
    Duration delay = event.delay();
    return new Messages.NewMessage(
        Envelope.text(event.value(), event.headers()),
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

  private void finishRequest() {
    json.write(CLOSE);
    int begin = from;
    int end = json.size();
    requests.add(new Request(() -> json.buffer(begin, end), here));
    here = new ArrayList<>();
    from = end;
  }

  /** The requests, in order. Nothing is added afterwards. */
  List<Request> finish() {
    if (!here.isEmpty()) {
      finishRequest();
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

  /** What was written; the end of it can be taken back. The JDK's locks for each step, a third of what writing took. */
  private static final class Bytes extends OutputStream {
    private byte[] bytes;
    private int size;

    Bytes(int expected) {
      bytes = new byte[expected];
    }

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b});
    }

    @Override
    public void write(byte[] more) {
      write(more, 0, more.length);
    }

    @Override
    public void write(byte[] from, int begin, int length) {
      if (bytes.length - size < length) {
        bytes = Arrays.copyOf(bytes, Math.max(size + length, 2 * bytes.length));
      }
      System.arraycopy(from, begin, bytes, size, length);
      size += length;
    }

    void truncate(int to) {
      size = to;
    }

    int size() {
      return size;
    }

    Buffer buffer(int begin, int end) {
      return BufferInternal.buffer(Unpooled.wrappedBuffer(bytes, begin, end - begin));
    }
  }
}
