"""Settings of the images of frames, for the process that asks for them and the child that writes them."""

TIME_TOLERANCE_S = 0.002  # The time of a frame may be rounded up to the next microsecond.
JPEG_QUANTIZER = 2  # The best value of ffmpeg's scale.
