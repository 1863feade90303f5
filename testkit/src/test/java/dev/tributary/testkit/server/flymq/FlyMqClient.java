package dev.tributary.testkit.server.flymq;

import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.vertx.internal.flymq.wire.Deframer;
import dev.tributary.vertx.internal.flymq.wire.ErrorStyle;
import dev.tributary.vertx.internal.flymq.wire.Frame;
import dev.tributary.vertx.internal.flymq.wire.Malformed;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A peer on a socket of its own that knows no driver, one request at a time or many. */
public final class FlyMqClient implements AutoCloseable {
  private static final int MOST = 128 << 20;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private final Deframer deframer = new Deframer(MOST);
  private final byte[] piece = new byte[64 << 10];

  public FlyMqClient(EmbeddedServer server) {
    try {
      socket = new Socket(server.host(), server.port());
      socket.setSoTimeout(20_000);
      in = socket.getInputStream();
      out = socket.getOutputStream();
    } catch (IOException refused) {
      throw new UncheckedIOException(refused);
    }
  }

  /** Sends bytes as they are. */
  void send(byte[] bytes) {
    try {
      out.write(bytes);
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    }
  }

  void send(Opcode opcode, Message request) {
    send(ByteBufUtil.getBytes(Frame.of(opcode, request)));
  }

  static byte[] frame(int opcode, int flags, byte... payload) {
    ByteBuf frame = Unpooled.buffer().writeByte(0xAF).writeByte(1).writeByte(opcode).writeByte(flags);
    return ByteBufUtil.getBytes(frame.writeInt(payload.length).writeBytes(payload));
  }

  /** The next answer; null if the server closed the connection. */
  Frame receive() {
    try {
      for (Frame frame = deframer.next(); ; frame = deframer.next()) {
        if (frame != null) {
          return frame;
        }
        int length = in.read(piece);
        if (length < 0) {
          return null;
        }
        deframer.add(Unpooled.copiedBuffer(piece, 0, length));
      }
    } catch (IOException gone) {
      return null;
    } catch (Malformed lost) {
      throw new AssertionError(lost);
    }
  }

  /** What a request is answered with. */
  @SuppressWarnings("unchecked") // the caller names the type
  public <A> A call(Opcode opcode, Message request) {
    send(opcode, request);
    Frame answer = receive();
    if (answer == null) {
      throw new AssertionError("the server closed the connection");
    }
    if (answer.opcode() == ErrorStyle.OPCODE) {
      throw new AssertionError(ErrorStyle.text(answer));
    }
    if (answer.opcode() != opcode.answerCode()) {
      throw new AssertionError("an answer to " + answer.opcode());
    }
    try {
      return (A) opcode.answer(answer);
    } catch (Malformed garbage) {
      throw new AssertionError(garbage);
    }
  }

  /** The error that a request is answered with, and how it is written. */
  String refused(Opcode opcode, Message request) {
    send(opcode, request);
    return error(receive());
  }

  /** The style and the text of an error. */
  static String error(Frame answer) {
    if (answer == null) {
      return "closed";
    }
    if (answer.opcode() != ErrorStyle.OPCODE) {
      throw new AssertionError("no error, but an answer to " + answer.opcode());
    }
    String text = ErrorStyle.text(answer);
    boolean coded = answer.payload().readableBytes() > text.getBytes(StandardCharsets.UTF_8).length;
    return (answer.flags() == 0 ? "E0 " : coded ? "E2 " : "E1 ") + text;
  }

  static Requests.Produce record(String topic, String key, String value, int partition) {
    return new Requests.Produce(topic, bytes(key), bytes(value), partition);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  Socket socket() {
    return socket;
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    }
  }
}
