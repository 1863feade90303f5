package dev.tributary.nats.client;

import io.nats.client.Options;
import io.nats.client.impl.SocketDataPortWithWriteTimeout;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The socket of a connection, which says when it ended: the library itself waits on for a first answer, until the time to connect is over. Public, with a
 * constructor of no arguments, since the library makes it by its name.
 */
public final class DialedSocket extends SocketDataPortWithWriteTimeout {
  private @Nullable Link link;
  /** Whether the server has introduced itself. The library notices by itself if the socket ends before. */
  private boolean introduced;

  /** For the library. */
  public DialedSocket() {}

  @Override
  public void afterConstruct(Options options) {
    super.afterConstruct(options);
    link = (Link) options.getErrorListener();
  }

  @Override
  public int read(byte[] target, int offset, int most) throws IOException {
    int length = -1;
    try {
      length = super.read(target, offset, most);
    } finally {
      if (length > 0) {
        introduced |= target[offset + length - 1] == '\n';
      } else if (introduced && link != null) {
        link.socketEnded();
      }
    }
    return length;
  }
}
