package dev.tributary.vertx.internal.flymq.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What may arrive: the vectors, changed a little or a lot. Nothing is thrown but {@link Malformed}, nothing is read behind a payload, no payload takes
 * more memory than some times its bytes, and what was read is written and read again as the same. A budget of rounds, always the same ones.
 */
class FuzzTest {
  private static final int ROUNDS = 200_000;
  private static final int LONG_ROUNDS = 4_000;
  private static final long SEED = 20_26;
  /** Bytes of memory for each byte of a payload: an object for what takes a few bytes on the wire. */
  private static final int TIMES = 40;
  /** Tables, a decoder, an error. */
  private static final int ANYWAY = 4 << 10;
  private static final int LONG = 16 << 10;
  /** Nothing, the shortest texts with a length of two bytes and of one, and of four, and what is long. */
  private static final byte[][] BEHIND = {{0}, {0, 1, 'a'}, {1, 'a'}, {0, 0, 0, 1, 'a'}, {1}};
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final Random random = new Random(SEED);
  private final List<byte[]> corpus = corpus();
  private int read;

  private static List<byte[]> corpus() {
    List<byte[]> corpus = new ArrayList<>();
    for (Vector vector : Vector.all()) {
      corpus.add(vector.request());
      corpus.add(vector.answer());
    }
    return corpus;
  }

  @Test
  void onlyMalformedIsThrown() {
    for (int i = 0; i < ROUNDS; i++) {
      byte[] bytes = mutated();
      try {
        take(bytes);
      } catch (RuntimeException | Error thrown) {
        throw new AssertionError("round " + i + ": " + ByteBufUtil.hexDump(bytes), thrown);
      }
    }
    // Most of it must not be dropped at the door.
    assertThat(read).isGreaterThan(ROUNDS / 4);
  }

  /** A count or a length that is as large as may be, wherever one can be, and enough behind it to be read as that. */
  @Test
  void whatAnnouncesMuchTakesNoMoreThanIsThere() throws Exception {
    for (int i = 0; i < LONG_ROUNDS; i++) {
      byte[] bytes = corpus.get(random.nextInt(corpus.size()));
      int at = Frame.HEADER + random.nextInt(bytes.length - Frame.HEADER + 1);
      int least = 1 + random.nextInt(32);
      ByteBuf payload = Unpooled.buffer(LONG).writeBytes(bytes, Frame.HEADER, at - Frame.HEADER).writeInt((LONG - at) / least);
      byte[] behind = BEHIND[random.nextInt(BEHIND.length)];
      while (payload.writableBytes() >= behind.length) {
        payload.writeBytes(behind);
      }
      Opcode opcode = Opcode.of(bytes[2] & 0xff);
      if (opcode != null) {
        assertBounded(opcode, new Frame(opcode.code(), Frame.BINARY, payload));
      }
    }
    assertThat(read).isGreaterThan(LONG_ROUNDS / 10);
  }

  private void assertBounded(Opcode opcode, Frame frame) {
    long most = ANYWAY + (long) TIMES * frame.payload().readableBytes();
    // Once more if it was too much: the first of its kind loads classes.
    long taken = taken(opcode, frame);
    taken = taken > most ? taken(opcode, frame) : taken;
    assertThat(taken).as(() -> opcode + " " + ByteBufUtil.hexDump(frame.payload())).isLessThanOrEqualTo(most);
  }

  /** Bytes of memory that it takes to read this, as either. */
  private long taken(Opcode opcode, Frame frame) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      opcode.request(frame);
      read++;
    } catch (Malformed expected) {
      // So it may be.
    }
    try {
      opcode.answer(frame);
      read++;
    } catch (Malformed expected) {
      // So it may be.
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  private byte[] mutated() {
    byte[] bytes = corpus.get(random.nextInt(corpus.size())).clone();
    for (int changes = random.nextInt(4); changes >= 0; changes--) {
      int at = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
      switch (random.nextInt(7)) {
        case 0 -> bytes = Arrays.copyOf(bytes, at);
        case 1 -> bytes = Arrays.copyOf(bytes, bytes.length + random.nextInt(20));
        case 2 -> bytes = spliced(bytes, corpus.get(random.nextInt(corpus.size())), at);
        case 3 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 4), (byte) 0xff);
        case 4 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 4), (byte) random.nextInt(3));
        case 5 -> {
          if (bytes.length > 2) {
            bytes[2] = (byte) random.nextInt(0x90);
          }
        }
        default -> {
          if (at < bytes.length) {
            bytes[at] ^= (byte) (1 << random.nextInt(8));
          }
        }
      }
    }
    // A length that is right half of the time: what is behind it is what is tried.
    if (bytes.length >= Frame.HEADER && random.nextBoolean()) {
      bytes[0] = (byte) Frame.MAGIC;
      bytes[1] = Frame.VERSION;
      Unpooled.wrappedBuffer(bytes).setInt(4, bytes.length - Frame.HEADER);
    }
    return bytes;
  }

  private static byte[] spliced(byte[] one, byte[] other, int at) {
    byte[] both = Arrays.copyOf(one, at + other.length);
    System.arraycopy(other, 0, both, at, other.length);
    return both;
  }

  private void take(byte[] bytes) {
    Deframer deframer = new Deframer(Frame.MOST_BYTES);
    // More lies behind, which is none of it.
    ByteBuf all = Unpooled.buffer().writeBytes(bytes).writeZero(64);
    deframer.add(all.slice(0, bytes.length));
    try {
      for (Frame frame = deframer.next(); frame != null; frame = deframer.next()) {
        ErrorStyle.text(frame);
        Frame plain = frame.unzipped();
        Opcode opcode = Opcode.of(plain.opcode());
        if (opcode != null) {
          assertBounded(opcode, plain);
          again(opcode, plain);
        }
      }
    } catch (Malformed expected) {
      assertThat(expected.text()).isNotEmpty();
    }
  }

  private void again(Opcode opcode, Frame frame) throws Malformed {
    byte[] request = null;
    try {
      request = Vector.bytes(Frame.of(opcode, opcode.request(frame)));
      read++;
    } catch (Malformed expected) {
      assertThat(opcode.malformedPrefix() + expected.text()).isNotEmpty();
    }
    if (request != null) {
      assertThat(Vector.bytes(Frame.of(opcode, opcode.request(Vector.frame(request))))).isEqualTo(request);
    }
    opcode.answer(frame);
    read++;
  }
}
