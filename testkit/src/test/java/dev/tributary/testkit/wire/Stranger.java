package dev.tributary.testkit.wire;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** A server of another kind: says the same to everybody, after their first bytes, and hangs up. */
public final class Stranger implements AutoCloseable {
  private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final Answer answer;

  /** What it says. */
  public enum Answer {
    PAGE("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<p>Hello.</p>".getBytes(StandardCharsets.US_ASCII)),
    BANNER("220 mail.example ESMTP\r\n".getBytes(StandardCharsets.US_ASCII)),
    GARBAGE(noise()),
    /** The beginning of HTTP/2, an empty SETTINGS frame, and then anything. */
    FRAMES(frames()),
    NOTHING(new byte[0]);

    private final byte[] bytes;

    Answer(byte[] bytes) {
      this.bytes = bytes;
    }

    /** These bytes. */
    public byte[] bytes() {
      return bytes.clone();
    }

    private static byte[] noise() {
      byte[] noise = new byte[64 << 10];
      new Random(7).nextBytes(noise);
      return noise;
    }

    private static byte[] frames() {
      byte[] frames = noise();
      byte[] settings = {0, 0, 0, 4, 0, 0, 0, 0, 0};
      System.arraycopy(settings, 0, frames, 0, settings.length);
      return frames;
    }
  }

  /** Listens on a free port of the loopback interface. */
  public Stranger(Answer answer) throws IOException {
    this.answer = answer;
    Thread thread = new Thread(this::serve, "stranger");
    thread.setDaemon(true);
    thread.start();
  }

  /** Where it listens. */
  public int port() {
    return socket.getLocalPort();
  }

  private void serve() {
    while (!socket.isClosed()) {
      try (Socket caller = socket.accept()) {
        if (answer != Answer.NOTHING && caller.getInputStream().read(new byte[1 << 10]) > 0) {
          caller.getOutputStream().write(answer.bytes);
          caller.shutdownOutput();
        }
      } catch (IOException gone) {
        // The caller has heard enough, or the test is over.
        continue;
      }
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
