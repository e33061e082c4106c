"""Published models that the default is measured against: CGCNN, MatTen, MatSca, regressions."""
